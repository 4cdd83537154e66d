//! Imitations of what public operators define, in the Rust one would write for them.

use crate::row::Row;

mod delivery;
mod infrastructure;
mod network;
mod storage;

pub(crate) fn rows() -> Vec<Row> {
    let rooms = [
        delivery::rows(),
        infrastructure::rows(),
        network::rows(),
        storage::rows(),
    ];
    rooms.into_iter().flatten().collect()
}
