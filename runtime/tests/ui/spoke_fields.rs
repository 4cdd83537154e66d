//! Fields and variants without a counterpart.
use krate::webhook::Spoke;

pub struct Hub {
    size: i64,
    name: String,
    tls: bool,
}

#[derive(Spoke)]
#[spoke(hub = Hub)]
pub struct Other {
    size: i32,
    title: String,
    tls: bool,
}

#[derive(Spoke)]
#[spoke(hub = Hub)]
pub struct Less {
    size: i64,
    name: String,
}

pub enum Mode {
    On,
    Off,
}

#[derive(Spoke)]
#[spoke(hub = Mode)]
pub enum OldMode {
    On,
    Auto,
}

fn main() {}
