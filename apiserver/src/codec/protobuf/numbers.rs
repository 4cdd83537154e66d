//! Which field of a definition has which number: rows of `data/field_numbers.txt`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

static ROWS: LazyLock<BTreeMap<&'static str, &'static str>> = LazyLock::new(|| {
    let rows = include_str!("../../../data/field_numbers.txt").lines();
    let rows = rows.filter(|row| !row.starts_with('#'));
    rows.filter_map(|row| row.split_once(' ')).collect()
});

/// What a number stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    /// A field.
    Named {
        name: &'static str,
        /// JSON does not have it while it is zero.
        omitted: bool,
    },
    /// The fields of another definition, which JSON has in the same object.
    Inlined(&'static str),
}

/// The fields of one definition.
#[derive(Clone, Copy, Debug)]
pub(super) struct Numbers(&'static str);

impl Numbers {
    /// Returns those of the definition with this name.
    pub(super) fn of(definition: &str) -> Option<Self> {
        ROWS.get(definition).copied().map(Self)
    }

    /// Returns the field with this number; one that is not known is skipped, as protobuf has it.
    pub(super) fn field(self, number: u32) -> Option<Field> {
        let found = self.fields().find(|(_, its)| *its == number);
        found.map(|(field, _)| field)
    }

    pub(super) fn fields(self) -> impl Iterator<Item = (Field, u32)> {
        self.0.split(' ').filter_map(|field| {
            let (name, number) = field.split_once('=')?;
            let (number, omitted) = match number.strip_suffix('?') {
                Some(number) => (number, true),
                None => (number, false),
            };
            let field = match name.strip_prefix('*') {
                Some(definition) => Field::Inlined(definition),
                None => Field::Named { name, omitted },
            };
            Some((field, number.parse().ok()?))
        })
    }
}
