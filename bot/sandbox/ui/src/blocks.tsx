// Blocks as Slack shows them: the library draws what is only looked at, we draw what is touched.

import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";

import { useHere } from "./context";
import { Control } from "./controls";
import { DataTable } from "./data_table";
import { InputBlock } from "./inputs";
import { Drawn, DRAWN } from "./library";
import { richText } from "./mrkdwn";
import { isSafe, safe } from "./safe";
import type { Block } from "./types";

const LOGO = "data:,";

export function Blocks({ blocks }: { blocks: Block[] }) {
  const keys = keysOf(blocks);
  return (
    <div class="blocks">
      {blocks.map((block, at) => (
        <OneBlock key={keys[at]} block={block} />
      ))}
    </div>
  );
}

/** What a block is known by over an update, so that its open menus stay open and keep the focus.
 *
 * Its block_id will not do: with each update comes another one, unless the app chose it.
 */
function keysOf(blocks: Block[]): string[] {
  const counted = new Map<string, number>();
  return blocks.map((block) => {
    const kind = `${block.type} ${block.accessory?.action_id ?? (block.type === "input" ? block.block_id : "")}`;
    const number = counted.get(kind) ?? 0;
    counted.set(kind, number + 1);
    return `${kind} ${number}`;
  });
}

function OneBlock({ block }: { block: Block }) {
  const id = String(block.block_id ?? "");
  switch (block.type) {
    case "actions":
    case "context_actions":
      return <Controls block={block} elements={block.elements ?? []} />;
    case "input":
      return <InputBlock block={block} />;
    case "data_table":
      return <DataTable block={block} />;
    case "container":
      return <Container block={block} />;
    case "card":
      return <Card block={block} />;
    case "carousel":
      return (
        <div class="carousel">
          {(block.elements ?? []).map((card: Block, at: number) => (
            <Card key={at} block={{ ...card, block_id: card.block_id ?? id }} />
          ))}
        </div>
      );
    case "section":
      return <Section block={block} />;
    case "header":
      return <Header block={block} />;
    case "context":
      return <Context block={block} />;
    case "alert":
      return <Alert block={block} />;
    case "image":
      return <Picture block={block} />;
    default:
      return DRAWN.has(block.type) ? <Plain block={block} /> : <Unknown block={block} />;
  }
}

/** A block in which nothing can be pressed, drawn by the library. */
export function Plain({ block }: { block: Block }) {
  const { theme, names } = useHere();
  return useMemo(
    () => (
      <Drawn
        blocks={[safe(block)]}
        name=""
        logo={LOGO}
        theme={theme}
        withoutWrapper
        data={names}
        hooks={HOOKS}
      />
    ),
    [block, theme, names],
  );
}

/** A link in a text; what would run something stands as its text. */
function Anchor({ href, children, className }: { href: string; children: ComponentChildren; className?: string }) {
  if (!isSafe(href)) return <span class="refused-link">{children}</span>;
  return (
    <a href={href} class={className} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  );
}

const HOOKS = { link: Anchor };

/** A text object, wherever it stands. */
export function Text({ object }: { object: Block }) {
  const block = useMemo(() => richText(object), [object]);
  return <Plain block={block} />;
}

/** mrkdwn that stands in no block, such as the text of a message without any. */
export function Mrkdwn({ text }: { text: string }) {
  const object = useMemo(() => ({ type: "mrkdwn", text }), [text]);
  return <Text object={object} />;
}

function Section({ block }: { block: Block }) {
  const { accessory } = block;
  const text = (
    <div class="section">
      {block.text ? <Text object={block.text} /> : null}
      {block.fields ? (
        <div class="fields">
          {block.fields.map((field: Block, at: number) => (
            <Text key={at} object={field} />
          ))}
        </div>
      ) : null}
    </div>
  );
  if (!accessory) return text;
  return (
    <div class="with-accessory">
      {text}
      {accessory.type === "image" ? (
        <Picture block={accessory} />
      ) : (
        <Control element={accessory} blockId={String(block.block_id ?? "")} />
      )}
    </div>
  );
}

function Header({ block }: { block: Block }) {
  return (
    <div class={`header level-${block.level ?? 2}`} role="heading" aria-level={3}>
      {block.text ? <Text object={block.text} /> : null}
    </div>
  );
}

function Context({ block }: { block: Block }) {
  return (
    <div class="context">
      {(block.elements ?? []).map((element: Block, at: number) =>
        element.type === "image" ? (
          <span key={at} class="context-picture">
            {element.alt_text}
          </span>
        ) : (
          <Text key={at} object={element} />
        ),
      )}
    </div>
  );
}

function Alert({ block }: { block: Block }) {
  return (
    <div class={`alert ${block.level ?? "default"}`} role="note">
      {block.text ? <Text object={block.text} /> : null}
    </div>
  );
}

function Controls({ block, elements }: { block: Block; elements: Block[] }) {
  return (
    <div class="controls" role="group" aria-label="Actions">
      {elements.map((element, at) => (
        <Control key={element.action_id ?? at} element={element} blockId={String(block.block_id ?? "")} />
      ))}
    </div>
  );
}

function Card({ block }: { block: Block }) {
  return (
    <div class="card">
      {["title", "subtitle", "body"].map((part) =>
        block[part] ? (
          <div key={part} class={`card-${part}`}>
            <Text object={block[part]} />
          </div>
        ) : null,
      )}
      {block.actions?.length ? <Controls block={block} elements={block.actions} /> : null}
    </div>
  );
}

function Container({ block }: { block: Block }) {
  const children: Block[] = block.child_blocks ?? block.elements ?? [];
  const title = block.title?.text ?? "";
  if (!block.is_collapsible && !block.collapsible) {
    return (
      <div class="container">
        {title ? <div class="container-title">{title}</div> : null}
        <Blocks blocks={children} />
      </div>
    );
  }
  return (
    <details class="container" open={!(block.is_collapsed ?? block.collapsed ?? block.default_collapsed)}>
      <summary class="container-title">{title}</summary>
      <Blocks blocks={children} />
    </details>
  );
}

/** Pictures of other machines are named and not fetched: nothing leaves this machine. */
function Picture({ block }: { block: Block }) {
  const title = block.title?.text ?? "";
  const alt = String(block.alt_text ?? "");
  const address = block.image_url;
  return (
    <figure class="picture">
      {title ? <figcaption>{title}</figcaption> : null}
      <div class="picture-left-out" role="img" aria-label={alt}>
        <span>{alt || "A picture"}</span>
        {isSafe(address) ? (
          <a href={address} target="_blank" rel="noopener noreferrer">
            on another machine
          </a>
        ) : null}
      </div>
    </figure>
  );
}

function Unknown({ block }: { block: Block }) {
  return (
    <details class="unknown">
      <summary>
        A block of the type <code>{String(block.type)}</code>, which this page does not draw
      </summary>
      <pre>{JSON.stringify(block, null, 2)}</pre>
    </details>
  );
}
