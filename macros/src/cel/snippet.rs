//! How a place in an expression is shown: the line, and carets below.

use std::ops::Range;

/// Returns two lines that show a place, to be put below a message.
pub(super) fn snippet(text: &str, at: &Range<usize>) -> String {
    let (before, after) = split(text, at.start);
    let start = before.rsplit('\n').next().unwrap_or_default();
    let rest = after.split('\n').next().unwrap_or_default();
    let (marked, _) = split(rest, at.len());
    let width = marked.trim_end_matches('\r').chars().count().max(1);
    let line = format!("{start}{rest}");
    let (line, column) = (line.trim_end_matches('\r'), start.chars().count());
    format!("\n  {line}\n  {}{}", " ".repeat(column), "^".repeat(width))
}

/// Splits a text at a place, or at the character before it.
fn split(text: &str, place: usize) -> (&str, &str) {
    let places = (0..=place.min(text.len())).rev();
    let mut halves = places.filter_map(|place| text.split_at_checked(place));
    halves.next().unwrap_or(("", text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_shown_in_its_line() {
        let check = |text: &str, at: Range<usize>, expected: &str| assert_eq!(snippet(text, &at), expected);
        check("a > b", 2..3, "\n  a > b\n    ^");
        check("a\nb > c\nd", 2..3, "\n  b > c\n  ^");
        check("a >", 3..3, "\n  a >\n     ^");
        check("a\nb", 0..3, "\n  a\n  ^");
        check("größe > 1", 0..7, "\n  größe > 1\n  ^^^^^");
        check("ö", 1..9, "\n  ö\n  ^");
        check("", 0..1, "\n  \n  ^");
    }
}
