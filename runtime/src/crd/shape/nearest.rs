//! "Did you mean", while compiling.

/// Longer words are not compared.
const LONGEST: usize = 64;

type Row = [usize; LONGEST + 1];

/// How many letters have to change, or to change places, to make one word of another; the case does not count.
const fn distance(one: &str, other: &str) -> usize {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    if one.len() > LONGEST || other.len() > LONGEST {
        return usize::MAX;
    }
    let mut row = [0; LONGEST + 1];
    let mut column = 0;
    while column <= other.len() {
        row[column] = column;
        column += 1;
    }
    let mut before = row;
    let mut line = 0;
    while line < one.len() {
        let next = next_row(&before, &row, one, line, other);
        (before, row) = (row, next);
        line += 1;
    }
    row[other.len()]
}

const fn next_row(before: &Row, row: &Row, one: &[u8], line: usize, other: &[u8]) -> Row {
    let mut next = *row;
    next[0] = line + 1;
    let mut column = 0;
    while column < other.len() {
        let replaced = row[column] + if same(one, line, other, column) { 0 } else { 1 };
        let removed = row[column + 1] + 1;
        let added = next[column] + 1;
        let mut fewest = least(replaced, least(removed, added));
        if line > 0 && column > 0 && same(one, line - 1, other, column) && same(one, line, other, column - 1)
        {
            fewest = least(fewest, before[column - 1] + 1);
        }
        next[column + 1] = fewest;
        column += 1;
    }
    next
}

const fn same(one: &[u8], at: usize, other: &[u8], there: usize) -> bool {
    one[at].eq_ignore_ascii_case(&other[there])
}

const fn least(one: usize, other: usize) -> usize {
    if one < other { one } else { other }
}

/// A word that may be meant, and how far it is from what is written; an empty one as long as there is none.
pub(super) type Guess = (&'static str, usize);

/// No word so far.
pub(super) const NONE: Guess = ("", usize::MAX);

/// Returns the better of a guess and a further word.
pub(super) const fn better(guess: Guess, written: &str, known: &'static str) -> Guess {
    let away = distance(written, known);
    if away < guess.1 && is_near(away, known) {
        (known, away)
    } else {
        guess
    }
}

/// Whether a word is near enough to another to be meant.
const fn is_near(distance: usize, known: &str) -> bool {
    let allowed = known.len() / 3;
    distance <= if allowed == 0 { 1 } else { allowed }
}
