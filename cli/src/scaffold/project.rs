//! The files of a new project.

use krate_templates::PROJECT;
use serde::Serialize;

use crate::disk::Disk;
use crate::error::Result;
use crate::name::{Domain, ProjectName};
use crate::plan::Plan;

use super::source::SourceData;
use super::{How, Source, plan_all};

#[derive(Serialize)]
struct Data<'a> {
    name: &'a str,
    domain: &'a str,
    source: SourceData,
}

/// Plans a project without any API.
pub(crate) fn plan_project(
    plan: &mut Plan<'_>,
    disk: &dyn Disk,
    name: &ProjectName,
    domain: &Domain,
    source: &Source,
) -> Result<()> {
    let data = Data {
        name: name.as_str(),
        domain: domain.as_str(),
        source: source.data(),
    };
    plan_all(plan, PROJECT, &data, How::Keep)?;
    match source.lock_file(disk)? {
        Some(lock) => plan.keep_or_create("Cargo.lock", lock),
        None => Ok(()),
    }
}
