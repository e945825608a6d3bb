/** Moments as the clocks on British walls show them, as ballot/record/wall_times.py writes them. */

const PARTS = { weekday: "long", day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit" };
const LONDON = new Intl.DateTimeFormat("en-GB", { ...PARTS, hourCycle: "h23", timeZone: "Europe/London", timeZoneName: "long" });

function partsOf(written) {
  const parts = LONDON.formatToParts(new Date(written));
  return Object.fromEntries(parts.map(({ type, value }) => [type, value]));
}

function day({ weekday, day: number, month, year, timeZoneName }) {
  return `${weekday} ${number} ${month} ${year}, ${timeZoneName}`;
}

/** `5pm on Friday 29 May 2020, British Summer Time`; seconds only where there are any. */
export function wallTime(written) {
  const parts = partsOf(written);
  const hour = Number(parts.hour);
  if (parts.minute === "00" && parts.second === "00" && hour % 12 === 0) {
    return `${hour === 0 ? "midnight" : "midday"} on ${day(parts)}`;
  }
  const seconds = parts.second === "00" ? "" : `:${parts.second}`;
  const minutes = parts.minute === "00" && seconds === "" ? "" : `:${parts.minute}${seconds}`;
  return `${((hour + 11) % 12) + 1}${minutes}${hour < 12 ? "am" : "pm"} on ${day(parts)}`;
}

/** The same to the second: `17:00:05 on Friday 29 May 2020, British Summer Time`. */
export function exactWallTime(written) {
  const parts = partsOf(written);
  return `${parts.hour}:${parts.minute}:${parts.second} on ${day(parts)}`;
}
