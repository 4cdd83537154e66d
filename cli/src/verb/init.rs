//! `init`: a new project.

use std::path::{Path, PathBuf};

use crate::commit::OWN_DIR;
use crate::disk::Disk;
use crate::error::{Error, Result};
use crate::name::{Domain, ProjectName};
use crate::plan::{Manner, Plan, read_text};
use crate::project::{Project, RECORD, put_right};
use crate::scaffold::{Source, SourceArgs, plan_project};
use crate::shell::Shell;

use super::Place;

/// What may be in a folder that counts as empty.
const HARMLESS: [&str; 8] = [
    OWN_DIR,
    ".git",
    ".hg",
    ".jj",
    "LICENSE",
    "LICENSE.txt",
    "LICENSE-APACHE",
    "LICENSE-MIT",
];

/// Make a new operator project
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Init {
    /// The folder of the project, made if it is not there
    #[arg(default_value = ".")]
    pub(crate) dir: PathBuf,
    /// The domain all API groups end with; one you own
    #[arg(long, default_value = "example.com")]
    pub(crate) domain: String,
    /// The project's name, which is also its package's [default: the folder's name]
    #[arg(long)]
    pub(crate) name: Option<String>,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    #[command(flatten)]
    pub(crate) manner: Manner,
}

impl Init {
    pub(crate) fn run(&self, place: &Place<'_>, shell: &mut Shell) -> Result<()> {
        let root = absolute(&place.here.join(&self.dir))?;
        let domain = Domain::parse(&self.domain)?;
        let name = self.project_name(&root)?;
        let source = Source::choose(&self.source, &place.here, place.disk)?;
        put_right(place.disk, &root, self.manner, shell)?;
        check_folder(place.disk, &root, &name, &domain)?;
        let mut plan = Plan::new(place.disk, &root);
        plan_project(&mut plan, place.disk, &name, &domain, &source)?;
        shell.detail(
            "Planning",
            format!("project `{}` in {}", name.as_str(), root.display()),
        );
        let changed = plan.carry_out(self.manner, shell)?;
        if changed > 0 {
            shell.note("Using", format!("krate from {}", source.words()));
            self.say_next(shell);
        }
        Ok(())
    }

    fn project_name(&self, root: &Path) -> Result<ProjectName> {
        let folder = root
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        match &self.name {
            Some(name) => ProjectName::parse(name),
            None => ProjectName::parse(&folder).map_err(|mut error| {
                error.message = format!("the folder's name is taken for the project's: {}", error.message);
                error
            }),
        }
    }

    fn say_next(&self, shell: &mut Shell) {
        if self.manner.dry_run {
            return;
        }
        let enter = if self.dir == Path::new(".") {
            String::new()
        } else {
            format!("cd {} && ", self.dir.display())
        };
        shell.note(
            "Next",
            format!("{enter}cargo krate create api --group cache --version v1alpha1 --kind Memcached"),
        );
    }
}

/// Returns the folder without `.` and `..`, whether or not it exists.
fn absolute(path: &Path) -> Result<PathBuf> {
    let failed = |error| Error::machine(format!("failed to find `{}`", path.display())).because(error);
    let path = std::path::absolute(path).map_err(failed)?;
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir => {
                clean.pop();
            }
            part => clean.push(part),
        }
    }
    Ok(clean)
}

/// Accepts an empty folder, or the project itself from an earlier run.
fn check_folder(disk: &dyn Disk, root: &Path, name: &ProjectName, domain: &Domain) -> Result<()> {
    let read = disk.entries(root);
    let read = read.map_err(|error| {
        Error::usage(format!("`{}` is not a folder", root.display()))
            .because(error)
            .help("name a new folder: `cargo krate init memcached-operator`")
    })?;
    if let Some(text) = read_text_if(read.is_some(), disk, root)? {
        return check_same(&Project::parse(&text)?, name, domain);
    }
    let entries = read.unwrap_or_default();
    let in_the_way: Vec<_> = entries
        .iter()
        .filter(|entry| !HARMLESS.contains(&entry.as_str()))
        .collect();
    let Some(first) = in_the_way.first() else {
        return Ok(());
    };
    let more = if in_the_way.len() > 1 {
        format!(" and {} more", in_the_way.len() - 1)
    } else {
        String::new()
    };
    Err(Error::project(format!(
        "`{}` is not empty: it has `{first}`{more}",
        root.display()
    ))
    .help("name a new folder: `cargo krate init memcached-operator`"))
}

fn read_text_if(there: bool, disk: &dyn Disk, root: &Path) -> Result<Option<String>> {
    if there {
        read_text(disk, root, RECORD)
    } else {
        Ok(None)
    }
}

fn check_same(project: &Project, name: &ProjectName, domain: &Domain) -> Result<()> {
    if project.name == *name && project.domain == *domain {
        return Ok(());
    }
    let (name, domain) = (project.name.as_str(), project.domain.as_str());
    Err(Error::project(format!(
        "here is the project `{name}` with the domain `{domain}` already"
    ))
    .at(RECORD, None)
    .help("name another folder for another project")
    .help(format!(
        "`cargo krate init --name {name} --domain {domain}` adds what is missing to this one"
    )))
}
