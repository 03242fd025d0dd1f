# stagecheck in a slim image: no compiler, no shell needed, not root.
#   docker build -t stagecheck .
#   docker run --read-only --restart unless-stopped --stop-timeout 90 -v stagecheck:/data \
#     -v ./stagecheck.yaml:/etc/stagecheck/stagecheck.yaml:ro --env-file secrets.env -p 3000:3000 stagecheck
# The configuration in it names server.host 0.0.0.0 and the database sqlite:////data/stagecheck.db.
FROM python:3.13-slim AS packages
COPY requirements.lock .
RUN pip install --no-cache-dir --require-hashes --prefix=/packages -r requirements.lock

FROM python:3.13-slim
COPY --from=packages /packages /usr/local
COPY bot /app/bot
ENV PYTHONPATH=/app PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    STAGECHECK_CONFIG=/etc/stagecheck/stagecheck.yaml
# Compiled now, because nothing can be written there later.
RUN python -m compileall -q /app/bot \
    && useradd --system --uid 10001 --no-create-home stagecheck \
    && install --directory --owner=stagecheck /data
USER stagecheck
WORKDIR /data
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["python", "-c", \
    "import urllib.request; urllib.request.urlopen('http://127.0.0.1:3000/healthz', timeout=4)"]
ENTRYPOINT ["python", "-m", "bot"]
CMD ["serve"]
