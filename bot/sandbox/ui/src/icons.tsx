// A few line drawings; each is hidden from screen readers, as a label always stands beside it.

import type { ComponentChildren } from "preact";

function Drawn({ children }: { children: ComponentChildren }) {
  return (
    <svg class="icon" viewBox="0 0 20 20" width="18" height="18" aria-hidden="true" focusable="false">
      <g fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round">
        {children}
      </g>
    </svg>
  );
}

export const Smile = () => (
  <Drawn>
    <circle cx="10" cy="10" r="7.2" />
    <path d="M7 11.6c.7 1.3 1.800 2 3 2s2.300-.7 3-2M7.600 7.800v.2M12.400 7.800v.2" />
  </Drawn>
);
export const Thread = () => (
  <Drawn>
    <path d="M3.500 4.500h13v9h-6l-3.500 3v-3h-3.500z" />
  </Drawn>
);
export const Dots = () => (
  <Drawn>
    <path d="M10 5v.1M10 10v.1M10 15v.1" stroke-width="2.600" />
  </Drawn>
);
export const Close = () => (
  <Drawn>
    <path d="M5 5l10 10M15 5L5 15" />
  </Drawn>
);
export const Unfold = () => (
  <Drawn>
    <path d="M5 7.500l5 5 5-5" />
  </Drawn>
);
export const Send = () => (
  <Drawn>
    <path d="M3.500 10L16.500 4l-4 12.500-3-5.200z" />
  </Drawn>
);
export const Plus = () => (
  <Drawn>
    <path d="M10 4v12M4 10h12" />
  </Drawn>
);
export const Bolt = () => (
  <Drawn>
    <path d="M11 3L5 11.500h4.500L9 17l6-8.500h-4.500z" />
  </Drawn>
);
export const Menu = () => (
  <Drawn>
    <path d="M3.500 5.500h13M3.500 10h13M3.500 14.500h13" />
  </Drawn>
);
export const Wrench = () => (
  <Drawn>
    <path d="M16.500 5.800a4 4 0 0 1-5.300 5.200l-5 5a1.600 1.600 0 0 1-2.200-2.200l5-5A4 4 0 0 1 14.200 3.500L11.800 6l.4 1.800 1.800.4z" />
  </Drawn>
);
export const Moon = () => (
  <Drawn>
    <path d="M16 12.200A6.500 6.500 0 0 1 7.800 4 6.500 6.500 0 1 0 16 12.200z" />
  </Drawn>
);
export const Sun = () => (
  <Drawn>
    <circle cx="10" cy="10" r="3.400" />
    <path d="M10 2.800v1.600M10 15.600v1.600M2.800 10h1.600M15.600 10h1.600M4.900 4.900l1.100 1.100M14 14l1.100 1.100M4.900 15.100L6 14M14 6l1.100-1.100" />
  </Drawn>
);
export const Paper = () => (
  <Drawn>
    <path d="M5.500 3h6L15 6.500V17H5.500zM11.500 3v3.500H15" />
  </Drawn>
);
export const Tick = () => (
  <Drawn>
    <path d="M4.500 10.500l3.500 3.500 7.500-8" stroke-width="2.200" />
  </Drawn>
);
