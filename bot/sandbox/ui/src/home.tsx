// The app's Home tab, as the app published it for the person who looks.

import { Blocks } from "./blocks";
import { OwnerContext, useHere } from "./context";
import { trouble } from "./words";

export function Home() {
  const { live, state, tell } = useHere();
  const view = state.home;
  const app = state.hello?.app.name ?? "The app";
  return (
    <div class="home" tabIndex={0} role="region" aria-label={`Home of ${app}`}>
      {view ? (
        <OwnerContext.Provider
          value={{
            press: async (block_id, action_id, value) => {
              const outcome = await live.act("press_in_view", { block_id, action_id, value });
              if (!outcome.ok) tell(trouble(outcome.error));
              return outcome;
            },
          }}
        >
          <Blocks blocks={view.blocks} />
        </OwnerContext.Provider>
      ) : (
        <p class="empty">{app} has not published a Home tab.</p>
      )}
    </div>
  );
}
