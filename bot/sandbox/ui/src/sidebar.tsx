// The list of places to look at, and who one is.

import { useHere } from "./context";
import { topOf, type State } from "./live";
import { Avatar } from "./message";
import { Menu } from "./menu";
import type { Channel } from "./types";

export type Place = { kind: "channel"; id: string } | { kind: "home" };

interface Props {
  place: Place;
  onPlace: (place: Place) => void;
  onUser: (name: string) => void;
}

export function Sidebar({ place, onPlace, onUser }: Props) {
  const { state } = useHere();
  const hello = state.hello;
  const rooms = state.channels.filter((channel) => !channel.direct);
  const direct = state.channels.find((channel) => channel.direct);
  const unread = direct ? unreadIn(state, direct) : { unread: false, mentions: 0 };
  const me = hello?.users.find((user) => user.id === hello.user);
  const here = (channel: Channel) => place.kind === "channel" && place.id === channel.id;
  return (
    <nav class="sidebar" aria-label="Workspace" data-region>
      <h1>{hello?.workspace ?? "Mini Slack"}</h1>
      <div class="sidebar-list">
        <h2>Channels</h2>
        {rooms.map((channel) => (
          <Row
            key={channel.id}
            sign={channel.private ? "🔒" : "#"}
            name={channel.name}
            here={here(channel)}
            {...unreadIn(state, channel)}
            onOpen={() => onPlace({ kind: "channel", id: channel.id })}
          />
        ))}
        <h2>Apps</h2>
        <Row
          sign="✓"
          name={hello?.app.name ?? "App"}
          here={place.kind === "home" || Boolean(direct && here(direct))}
          {...unread}
          onOpen={() => onPlace(direct && unread.unread ? { kind: "channel", id: direct.id } : { kind: "home" })}
        />
      </div>
      <div class="me">
        <Menu
          label={`You are ${me?.name ?? "nobody"}. Act as somebody else`}
          class="me-button"
          button={
            <>
              <Avatar name={me?.name ?? "?"} app={false} />
              <span>
                <strong>{me?.name}</strong>
                <small>Act as somebody else</small>
              </span>
            </>
          }
          items={(hello?.users ?? []).map((user) => ({
            label: user.id === hello?.user ? `${user.name} (you)` : user.name,
            onPick: () => onUser(user.name),
          }))}
        />
      </div>
    </nav>
  );
}

interface RowProps {
  sign: string;
  name: string;
  here: boolean;
  unread: boolean;
  mentions: number;
  onOpen: () => void;
}

function Row({ sign, name, here, unread, mentions, onOpen }: RowProps) {
  const label = `${name}${unread ? ", unread messages" : ""}${mentions ? `, ${mentions} for you` : ""}`;
  return (
    <button
      type="button"
      class={`place ${unread ? "unread" : ""}`}
      aria-current={here ? "page" : undefined}
      aria-label={label}
      onClick={onOpen}
    >
      <span class="sign" aria-hidden="true">
        {sign}
      </span>
      <span class="place-name">{name}</span>
      {mentions ? <span class="count">{mentions}</span> : null}
    </button>
  );
}

function unreadIn(state: State, channel: Channel): { unread: boolean; mentions: number } {
  const me = state.hello?.user ?? "";
  const mark = state.read[channel.id] ?? "";
  const fresh = topOf(state, channel.id).filter((entry) => entry.ts > mark && entry.author !== me);
  const mentions = channel.direct
    ? fresh.length
    : fresh.filter((entry) => entry.private || entry.text.includes(`<@${me}>`)).length;
  return { unread: fresh.length > 0, mentions };
}
