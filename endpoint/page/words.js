// Numbers, times and the endpoint's names of things, in words.

const WHOLE = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const TENTHS = new Intl.NumberFormat("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 });

export const STATES = {
  connecting: "Connecting",
  loading: "Loading",
  ready: "Ready",
  busy: "Busy",
  unloaded: "Unloaded",
  stopping: "Stopping",
  failed: "Failed",
  wedged: "Not responding",
  gone: "Gone",
};

export const KINDS = {
  attention: "full attention",
  sliding_window: "sliding window",
  recurrent: "recurrent",
  hybrid: "hybrid",
};

export const TIERS = { none: "–", resident: "a running request", ram: "RAM", disk: "disk" };

const MISSES = {
  nothing: "only the new part was computed",
  diverged: "the text changed",
  evicted: "the RAM budget was full",
  expired: "its key expired",
  cleared: "it was cleared",
  uncuttable: "no checkpoint lay deeper",
  other_model: "saved by another model",
  unreadable: "the saved file was damaged",
  new: "nothing like it was held",
  not_wanted: "it scores its own prompt",
};

/** Why no more of a prompt was reused, in a few words. */
export const missed = (name) => MISSES[name] ?? name.replaceAll("_", " ");

/** 1234 → "1,234". */
export const count = (number) => WHOLE.format(number);

/** "1 request", "2 requests". */
export const several = (number, noun) => `${count(number)} ${noun}${number === 1 ? "" : "s"}`;

/** A rate: a digit behind the point while it is small. */
export const rate = (number) => (number < 100 && number > 0 ? TENTHS : WHOLE).format(number);

/** 0.874 → "87 %". Never rounded up to all, or down to nothing. */
export function share(part) {
  const percent = part * 100;
  if (percent > 0 && percent < 1) return "<1 %";
  if (percent < 100 && percent > 99) return "99 %";
  return `${WHOLE.format(percent)} %`;
}

/** Bytes in binary units, three digits. */
export function bytes(number) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let size = number;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${size < 10 && unit > 0 ? TENTHS.format(size) : WHOLE.format(size)} ${units[unit]}`;
}

/** Seconds as a person says them: "0.8 s", "3 s", "42 s", "12 min", "3 h 5 min", "2 d". */
export function duration(seconds) {
  if (seconds < 10 && !Number.isInteger(seconds)) return `${TENTHS.format(seconds)} s`;
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return `${Math.floor(minutes / 1440)} d`;
}

/** Unix seconds as a time of day, with the date when it is another day. */
export function clock(seconds) {
  const date = new Date(seconds * 1000);
  const two = (number) => String(number).padStart(2, "0");
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":");
  if (date.toDateString() === new Date().toDateString()) return time;
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${time}`;
}
