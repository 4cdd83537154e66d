//! Fills templates.

use std::error::Error;
use std::fmt;

use handlebars::{Handlebars, no_escape};
use include_dir::{Dir, include_dir};
use serde::Serialize;

use crate::set::{File, Owner};

static FILES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/files");

/// A file as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// Its path in the project, with `/` between the parts.
    pub path: String,
    /// Its text.
    pub text: String,
    /// Who changes it from now on.
    pub owner: Owner,
}

/// A template that could not be filled: it is missing, malformed, or lacks data.
///
/// Retrying does not help; the data or the template has to change.
#[derive(Debug)]
pub struct RenderError {
    template: String,
    cause: Option<handlebars::RenderError>,
}

impl fmt::Display for RenderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cause {
            Some(_) => write!(f, "failed to fill the template `{}`", self.template),
            None => write!(f, "there is no template `{}`", self.template),
        }
    }
}

impl Error for RenderError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_ref().map(|cause| cause as &(dyn Error + 'static))
    }
}

/// Renders one file; data that a placeholder names and `data` lacks is an error.
pub fn render(file: &File, data: &impl Serialize) -> Result<Rendered, RenderError> {
    let mut handlebars = Handlebars::new();
    handlebars.set_strict_mode(true);
    handlebars.register_escape_fn(no_escape);
    let text = FILES
        .get_file(file.template)
        .and_then(include_dir::File::contents_utf8);
    let template = || file.template.to_owned();
    let text = text.ok_or_else(|| RenderError {
        template: template(),
        cause: None,
    })?;
    let fill = |text: &str| {
        let filled = handlebars.render_template(text, data);
        filled.map_err(|cause| RenderError {
            template: template(),
            cause: Some(cause),
        })
    };
    Ok(Rendered {
        path: fill(file.path)?,
        text: fill(text)?,
        owner: file.owner,
    })
}

/// Renders all files of a set, in its order.
pub fn render_all(set: &[File], data: &impl Serialize) -> Result<Vec<Rendered>, RenderError> {
    set.iter().map(|file| render(file, data)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;
    use crate::set::SETS;

    fn embedded(dir: &Dir<'_>, found: &mut BTreeSet<String>) {
        found.extend(
            dir.files()
                .map(|file| file.path().to_string_lossy().replace('\\', "/")),
        );
        dir.dirs().for_each(|dir| embedded(dir, found));
    }

    #[test]
    fn each_embedded_file_is_in_a_set_and_the_other_way_round() {
        let mut found = BTreeSet::new();
        embedded(&FILES, &mut found);
        let named: BTreeSet<_> = SETS
            .iter()
            .flat_map(|set| set.iter())
            .map(|file| file.template.to_owned())
            .collect();
        assert_eq!(found, named);
    }

    #[test]
    fn a_placeholder_without_data_is_an_error() {
        let file = File {
            path: "{{nowhere}}",
            template: "project/src/lib.rs.hbs",
            owner: Owner::User,
        };
        let error = render(&file, &json!({})).unwrap_err();
        assert_eq!(
            error.to_string(),
            "failed to fill the template `project/src/lib.rs.hbs`"
        );
    }

    #[test]
    fn a_missing_template_is_an_error() {
        let file = File {
            path: "a",
            template: "nowhere.hbs",
            owner: Owner::User,
        };
        assert_eq!(
            render(&file, &json!({})).unwrap_err().to_string(),
            "there is no template `nowhere.hbs`"
        );
    }
}
