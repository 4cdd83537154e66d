use krate::webhook::Spoke;

pub struct Hub {
    size: i64,
}

#[derive(Spoke)]
#[spoke(hub = Hub, keeps)]
pub struct Old {
    #[spoke(renamed = size)]
    count: i64,
    #[spoke(with)]
    note: String,
}

fn main() {}
