//! The Handlebars templates of a krate operator project.
