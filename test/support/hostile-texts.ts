/** What strangers write where it is shown: it acts in a terminal, ends a line, turns round how it reads, or is long. */
export const hostileTexts: readonly string[] = [
  "\u001b[31mred\u001b[0m",
  "\u001b]0;title\u0007",
  "\u009b2J\u0090q\u009c",
  "two\r\nlines\n",
  '"}\n{"level":60,"msg":"not the server"}',
  "name\r\nBcc: eve@example.com\r\n\r\nbody",
  "\u202etxt.exe",
  "\u2066x\u2069\u200f",
  "zero\u200bwidth\ufeff",
  "\u2028\u2029\u0085",
  "\u{e0041}\u{e0042}",
  "\u0000\u0008\u007f",
  "<img src=x onerror=alert(1)>",
  "=?utf-8?Q?a=0D=0ABcc:_eve?=",
  "{{7*7}}${7*7}%s%n",
  "k".repeat(900),
];

/** What a terminal obeys, or shows as nothing. */
export const unseenInTerminal = /[^\P{Cc}\n]|(?![\u200c\u200d])\p{Cf}|[\u2028\u2029]/u;
