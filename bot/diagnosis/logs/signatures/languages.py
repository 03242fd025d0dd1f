"""What the other signatures say in English, as localised systems and teams say it.

German, French, Spanish, Portuguese and Italian: a Windows runner speaks its owner's language, and
so do the messages of many tests.
"""

from bot.diagnosis.logs.signatures.signature import Signature, row

_SECONDS = r"\d+(?:[.,]\d+)?\s?(?:s\b|sek|sec|seg|min|ms\b)"
_ANSWER = (
    r"(?:keine? antwort|aucune réponse|sans réponse|sin respuesta|ninguna respuesta|sem resposta"
    r"|nenhuma resposta|nessuna risposta|antwortet nicht|ne répond pas|no responde|não responde"
    r"|non risponde)"
)
_TIMEOUT = (
    r"(?:zeitüberschreitung|zeitlimit\b…(?:überschritten|erreicht)|délai\b…dépassé|temps "
    r"d'attente\b…(?:dépassé|écoulé)|tiempo (?:de espera )?(?:agotado|excedido)|tiempo de "
    r"espera\b…(?:agotado|superado)|tempo (?:limite )?(?:esgotado|excedido)|tempo scaduto|timeout "
    r"scaduto)"
)
_EVENT = (
    r"(?:ereignis\w*|événements?|eventos?|evento|eventi|nachricht\w*|messages?|mensajes?|mensagens?"
    r"|messaggi\w*|frames?|tramas?|trames?)"
)
_NONE = r"(?:kein\w*|aucun\w*|ning[uú]n\w*|nenhum\w*|nessun\w*|keine weiteren|ohne|sans|sin|sem)"
_DATABASE = r"(?:datenbank\w*|base de donn[ée]es|base de datos|banco de dados|database)"
_UNREACHABLE = (
    r"(?:nicht erreichbar|antwortet nicht|injoignable|inaccessible|indisponible|ne répond pas|no "
    r"disponible|inaccesible|inalcanzable|no responde|indisponível|inacessível|não responde"
    r"|irraggiungibile|non raggiungibile|non disponibile|non risponde|fehlgeschlagen|abgelehnt"
    r"|verweigert|refusée?|échoué\w*|impossible|rechazad[ao]|falló|fallida?|recusad[ao]|falhou"
    r"|rifiutata|fallit[ao]|caída?)"
)
_INVALID = (
    r"(?:ungültig\w*|invalide|non valide|inválid[oa]|no válid[oa]|non valid[oa]|abgelehnt"
    r"|zurückgewiesen|refusé|rejeté|rechazad[oa]|rejeitad[oa]|rifiutat[oa])"
)
_EXPIRED = r"(?:abgelaufen\w*|expiré\w*|caducad[oa]|expirad[oa]|vencid[oa]|scadut[oa])"
_MISSING = (
    r"(?:fehlt|fehlend\w*|nicht (?:gesetzt|vorhanden|gefunden|angegeben)|manquante?|absente?"
    r"|introuvable|non (?:défini\w*|fourni\w*|renseigné\w*)|falta|faltante|ausente|no "
    r"(?:definid[oa]|encontrad[oa])|não (?:definid[oa]|encontrad[oa])|mancante|non (?:definit"
    r"|trovat)[oa])"
)
_BEARER = r"(?:token|jwt|jeton|zugriffstoken)"
_VARIABLE = (
    r"(?:umgebungsvariable|variable d'environnement|variable de entorno|variável de ambiente"
    r"|variabile d'ambiente|einstellung|konfiguration|secret|geheimnis)"
)
_USER = r"(?:benutzer\w*|nutzer\w*|konto|utilisateur|compte|usuario|cuenta|usuário|conta|utente)"
_UNKNOWN = (
    r"(?:unbekannt|nicht (?:gefunden|vorhanden)|existiert nicht|inconnue?|introuvable|n'existe pas"
    r"|desconocid[oa]|no (?:existe|encontrad[oa])|desconhecid[oa]|não (?:existe|encontrad[oa])"
    r"|sconosciut[oa]|non (?:esiste|trovat[oa]))"
)

LANGUAGES: tuple[Signature, ...] = (
    row(
        "connection_refused",
        "verweigert|refusée|rechazada|recusada|rifiutata|denegó|zielcomputer|ablehnte"
        "|verbindung|denegada|conexi",
        r"(?:verbindung\w*|zielcomputer)\b…(?:verweigert\w*|abgelehnt)|connexion (?:a été "
        r")?refusée",
        r"conexi[oó]n (?:fue )?(?:rechazada|denegada)|denegó\b…conexión|conex[aã]o (?:foi "
        r")?recusada|connessione (?:è stata )?rifiutata",
    ),
    row(
        "event_timeout",
        "ereignis|nachricht|événement|evento|mensaje|mensage|messagg|aucun message|keine frames"
        "|keine events|trame",
        rf"{_NONE} (?:weiter\w* )?{_EVENT}\b…(?:empfangen|erhalten|angekommen|reçue?s?|recibid\w*"
        rf"|recebid\w*|ricevut\w*|seit|nach|innerhalb|depuis|après|en|em|dopo|tras|después)",
        rf"{_TIMEOUT}…{_EVENT}|{_EVENT}\b…{_TIMEOUT}",
        rf"(?:warte\w*|attente|attend\w*|esperando|aguardando|attesa)\b…{_EVENT}\b…{_SECONDS}",
    ),
    row("no_answer", "antwort|répon|respuesta|responde|resposta|rispost|risponde", _ANSWER),
    row(
        "timeout_error",
        "zeitüberschreitung|zeitlimit|délai|temps d'attente|tiempo|tempo|timeout scaduto"
        "|not completed within",
        _TIMEOUT,
    ),
    row(
        "tls_failed",
        "zertifikat|certificat|certificado|certificato",
        rf"(?:zertifikat\w*|certificat|certificado|certificato)\b…(?:{_INVALID}|{_EXPIRED}|nicht "
        rf"(?:vertrauenswürdig|überprüft|gültig)|auto-?signé|autofirmado|autoassinado|autofirmato"
        rf"|selbst ?signiert|non (?:reconnu|approuvé|fiable)|no (?:es )?de confianza|não "
        rf"confiável)",
    ),
    row(
        "dns_failed",
        "aufgelöst|résol|resolver|resuelto|host ist unbekannt|hôte inconnu|host desconocido",
        r"(?:name|host\w*|nom|nombre|hôte)\b…(?:nicht aufgelöst|non résolu|pas (?:pu )?être résolu"
        r"|no (?:se pudo resolver|resuelto)|não (?:foi )?resolvido)|host ist unbekannt|hôte inconnu"
        r"|host desconocido|(?:impossible de|no se pudo|não foi possível) (?:résoudre|resolver)",
    ),
    row(
        "database_down",
        "datenbank|base de donn|base de datos|banco de dados",
        rf"{_DATABASE}\b…{_UNREACHABLE}|{_UNREACHABLE}…\b{_DATABASE}",
    ),
    row(
        "redis_down",
        "redis",
        rf"\bredis\b…{_UNREACHABLE}|{_UNREACHABLE}…\bredis\b",
    ),
    row(
        "auth_service_down",
        "anmeldedienst|authentifizierungsdienst|service d'auth|servicio de auth|serviço de auth"
        "|servizio di auth|login-dienst|serveur d'auth|servidor de auth",
        rf"(?:anmelde-?dienst|authentifizierungsdienst|login-dienst|serv(?:ice|eur) d'authenti\w*"
        rf"|serv(?:icio|idor) de autenti\w*|serviço de autenti\w*|servizio di "
        rf"autenti\w*)\b…(?:{_UNREACHABLE}|{_ANSWER}|{_TIMEOUT}|50[0-4])",
    ),
    row(
        "token_expired",
        "token|jwt|jeton",
        rf"{_BEARER}\b…{_EXPIRED}|{_EXPIRED}\w* {_BEARER}\b",
    ),
    row(
        "token_absent",
        "token|jwt|jeton",
        rf"{_BEARER} (?:ist |est |es |é |è )?{_MISSING}|(?:kein|aucun|ningún|nenhum|nessun|manque "
        rf"le|falta el|falta o|manca il) {_BEARER}\b",
    ),
    row(
        "token_refused",
        "token|jwt|jeton|signatur|firma|assinatura",
        rf"(?:{_BEARER}|signatur\w* des tokens|signature du jeton|firma del token|assinatura do "
        rf"token)\b[\w ]{{0,20}} {_INVALID}|{_INVALID}\w* {_BEARER}\b",
    ),
    row(
        "missing_config",
        "umgebungsvariable|variable d'environnement|variable de entorno|variável de ambiente"
        "|variabile d'ambiente|einstellung|konfiguration",
        rf"{_VARIABLE} (?:['\"`]?\w+['\"`]? )?(?:ist |est |es |é |è |n'est )?(?:pas définie"
        rf"|{_MISSING})|{_MISSING} {_VARIABLE}",
    ),
    row(
        "user_unknown",
        "benutzer|nutzer|konto|utilisateur|compte|usuario|cuenta|usuário|utente",
        rf"\b{_USER} (?:['\"`]?[\w@.-]+['\"`]? )?(?:ist |est |es |é |è )?{_UNKNOWN}|(?:kein|aucun"
        rf"|ningún|nenhum|nessun) {_USER}\b",
    ),
    row(
        "trouble",
        "fehler|erreur|échec|echec|fallo|falló|erro|errore"
        "|falhou|fehlgeschlagen",
        r"(?<![\w.])(?:fehler|fehlgeschlagen|erreur|échec|echec|fallo|falló|falhou|erro"
        r"|errore)(?![\w.])",
    ),
)  # fmt: skip
