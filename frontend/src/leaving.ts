// Where the page goes when its socket is closed for good.
const SIGNED_OUT = 4401;
const NO_ACCESS = 4403;
const TIME_TO_READ = 2500;

export function leave(code: number): void {
  const here = encodeURIComponent(location.pathname);
  if (code === SIGNED_OUT) location.assign(`/account/login/?next=${here}`);
  if (code === NO_ACCESS) setTimeout(() => location.assign("/"), TIME_TO_READ);
}
