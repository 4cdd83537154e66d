use krate::prelude::*;

#[derive(Reconciler)]
struct Site;

fn main() {}
