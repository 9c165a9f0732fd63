import { WordScanner } from "../sdk/words";

/** A letter that few languages have says less than a word. */
const LETTER_WEIGHT: f64 = 0.5;
/** An ending says less, too; it is looked for in words that have more than it. */
const ENDING_WEIGHT: f64 = 0.4;
const LONGEST_ENDING = 6;

export class Candidate {
  score: f64 = 0;
  constructor(public language: string) {}
}

/** Adds to each language what speaks for it: a word or letter that several have is shared among them. */
export class Evidence {
  candidates: Candidate[] = [];
  private owners: Map<string, i32[]> = new Map();
  private endingOwners: Map<string, i32[]> = new Map();
  private letterOwners: Map<i32, i32[]> = new Map();

  constructor(languages: string[], allowed: Set<string>) {
    for (let i = 0; i < languages.length; i++) {
      const fields = languages[i].split("|");
      if (allowed.size > 0 && !allowed.has(fields[0])) continue;
      const index = this.candidates.length;
      this.candidates.push(new Candidate(fields[0]));
      const words = fields[1].split(" ");
      for (let w = 0; w < words.length; w++) own(this.owners, words[w], index);
      const endings = fields[3].split(" ");
      for (let e = 0; e < endings.length; e++) own(this.endingOwners, endings[e], index);
      const letters = fields[2].split(" ");
      for (let l = 0; l < letters.length; l++) if (letters[l].length == 1) this.ownLetter(letters[l].charCodeAt(0), index);
    }
  }

  private ownLetter(letter: i32, index: i32): void {
    if (!this.letterOwners.has(letter)) this.letterOwners.set(letter, []);
    this.letterOwners.get(letter).push(index);
  }

  private add(owners: i32[], weight: f64): void {
    for (let i = 0; i < owners.length; i++) this.candidates[owners[i]].score += weight / <f64>owners.length;
  }

  /** The longest known ending counts. */
  private readEnding(word: string): void {
    for (let length = min(LONGEST_ENDING, word.length - 2); length >= 2; length--) {
      const ending = word.substring(word.length - length);
      if (!this.endingOwners.has(ending)) continue;
      this.add(this.endingOwners.get(ending), ENDING_WEIGHT);
      return;
    }
  }

  read(text: string): void {
    const lower = text.toLowerCase();
    const words = new WordScanner(lower, 0, lower.length);
    while (words.next()) {
      const word = lower.substring(words.start, words.end).replaceAll("’", "'");
      if (this.owners.has(word)) this.add(this.owners.get(word), 1);
      else this.readEnding(word);
    }
    for (let i = 0; i < lower.length; i++) {
      const unit = lower.charCodeAt(i);
      if (this.letterOwners.has(unit)) this.add(this.letterOwners.get(unit), LETTER_WEIGHT);
    }
  }
}

function own(owners: Map<string, i32[]>, word: string, index: i32): void {
  if (!owners.has(word)) owners.set(word, []);
  const list = owners.get(word);
  if (!list.includes(index)) list.push(index);
}
