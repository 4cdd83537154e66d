//! How a place in an expression is shown: the line, and carets below.

use std::ops::Range;

/// Returns two lines that show a place, to be put below a message.
pub(super) fn snippet(text: &str, at: &Range<usize>) -> String {
    let start = floor(text, at.start);
    let before = &text[..start];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = text[line_start..].lines().next().unwrap_or_default();
    let column = text[line_start..start].chars().count();
    let end = floor(text, at.end.min(line_start + line.len())).max(start);
    let width = text[start..end].chars().count().max(1);
    format!("\n  {line}\n  {}{}", " ".repeat(column), "^".repeat(width))
}

/// The nearest start of a character at or before a place.
fn floor(text: &str, place: usize) -> usize {
    let mut place = place.min(text.len());
    while !text.is_char_boundary(place) {
        place -= 1;
    }
    place
}
