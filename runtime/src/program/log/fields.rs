//! The fields of a span as text, asked for with one allocation: every reconcile has a span, and few are ever shown.

use std::fmt;

use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::FormatFields;
use tracing_subscriber::fmt::format::{DefaultFields, Writer};

/// More than the fields of a reconcile have.
const ROOM: usize = 256;

/// Writes fields as `DefaultFields` does.
#[derive(Default)]
pub(super) struct Fields(DefaultFields);

impl<'w> FormatFields<'w> for Fields {
    fn format_fields<R: RecordFields>(&self, mut writer: Writer<'w>, fields: R) -> fmt::Result {
        if writer.has_ansi_escapes() {
            return self.0.format_fields(writer, fields);
        }
        let mut text = String::with_capacity(ROOM);
        self.0.format_fields(Writer::new(&mut text), fields)?;
        writer.write_str(&text)
    }
}
