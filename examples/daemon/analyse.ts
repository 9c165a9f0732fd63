/** The long work of this daemon: how often words occur in a text, and how hard it is to read. Done in slices, so that it can tell how far it is. */

export type TextReport = {
  readonly words: number;
  readonly distinct_words: number;
  readonly sentences: number;
  readonly syllables: number;
  /** Flesch reading ease: about 100 is very easy, about 0 very hard. */
  readonly reading_ease: number;
  readonly frequent: readonly { readonly word: string; readonly count: number }[];
  readonly longest_words: readonly string[];
};

export type AnalyseOptions = {
  readonly paceMs: number;
  readonly onProgress: (done: number) => void;
  readonly pause: (ms: number) => Promise<void>;
};

const WORDS_PER_SLICE = 100;
const LISTED = 10;
const WORD = /\p{L}[\p{L}\p{M}'’-]*/gu;
const SENTENCE_END = /[.!?。！？]+(?=\s|["'”’)]|$)/gu;
/** Words that are frequent in every text and say nothing about this one. */
const COMMON = new Set(
  "the a an and or but of to in on at by for with from as is are was were be been it its this that he she they his her their had has have not no so if then than there which who what when where would could into out up down all one".split(
    " ",
  ),
);

/** `onProgress` gets the share that is done, from 0 to 1; between slices other work gets its turn, for at least `paceMs`. */
export async function analyse(text: string, { paceMs, onProgress, pause }: AnalyseOptions): Promise<TextReport> {
  const words = text.match(WORD) ?? [];
  const counts = new Map<string, number>();
  let syllables = 0;
  for (let start = 0; start < words.length; start += WORDS_PER_SLICE) {
    const slice = words.slice(start, start + WORDS_PER_SLICE).map((word) => word.toLowerCase());
    for (const word of slice) counts.set(word, (counts.get(word) ?? 0) + 1);
    syllables += slice.reduce((sum, word) => sum + countSyllables(word), 0);
    onProgress(Math.min((start + slice.length) / words.length, 1));
    await pause(paceMs);
  }
  const sentences = Math.max(text.match(SENTENCE_END)?.length ?? 0, 1);
  return {
    words: words.length,
    distinct_words: counts.size,
    sentences,
    syllables,
    reading_ease: readingEase({ words: words.length, sentences, syllables }),
    frequent: mostFrequent(counts),
    longest_words: [...counts.keys()].sort((a, b) => b.length - a.length || a.localeCompare(b)).slice(0, LISTED),
  };
}

/** Vowel groups, without a silent e at the end: good to some ten percent for English, which is what the formula needs. */
function countSyllables(word: string): number {
  const groups = word.replace(/e$/, "").match(/[aeiouyäöüàáâéèêíìîóòôúùû]+/g);
  return Math.max(groups?.length ?? 0, 1);
}

function readingEase({ words, sentences, syllables }: { words: number; sentences: number; syllables: number }): number {
  if (words === 0) return 0;
  return Math.round((206.835 - 1.015 * (words / sentences) - 84.6 * (syllables / words)) * 10) / 10;
}

function mostFrequent(counts: ReadonlyMap<string, number>) {
  return [...counts]
    .filter(([word]) => !COMMON.has(word))
    .sort(([a, m], [b, n]) => n - m || a.localeCompare(b))
    .slice(0, LISTED)
    .map(([word, count]) => ({ word, count }));
}
