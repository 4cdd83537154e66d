//! Numbers, texts, times and addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::num::{
    NonZeroI8, NonZeroI32, NonZeroI64, NonZeroU8, NonZeroU16, NonZeroU32, NonZeroU64, NonZeroUsize,
};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use krate::KubeSchema;
use krate::crd::GoDuration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use url::Url;
use uuid::Uuid;

use crate::row::{Row, row};

#[derive(KubeSchema, Serialize, Deserialize)]
struct Probe {
    #[serde(with = "krate::crd::go_duration")]
    #[schemars(with = "GoDuration")]
    period: Duration,
}

/// A network of addresses, as crates for networks write it.
#[derive(KubeSchema, Serialize, Deserialize, Clone)]
#[serde(try_from = "String", into = "String")]
struct Network(String);

impl TryFrom<String> for Network {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let (address, length) = text.split_once('/').ok_or("no prefix length")?;
        let address: Ipv4Addr = address.parse().map_err(|_| "no address")?;
        let length: u8 = length.parse().map_err(|_| "no length")?;
        (length <= 32)
            .then(|| Self(format!("{address}/{length}")))
            .ok_or_else(|| "too long".to_owned())
    }
}

impl From<Network> for String {
    fn from(network: Network) -> Self {
        network.0
    }
}

#[derive(KubeSchema, Serialize, Deserialize)]
struct Networks {
    #[x_kube(format = "cidr")]
    network: Network,
}

#[derive(JsonSchema, Serialize, Deserialize, Clone, Copy)]
#[serde(try_from = "u16", into = "u16")]
#[schemars(extend("minimum" = 1024))]
struct HighPort(u16);

impl TryFrom<u16> for HighPort {
    type Error = String;

    fn try_from(port: u16) -> Result<Self, String> {
        if port < 1024 {
            Err("too low".to_owned())
        } else {
            Ok(Self(port))
        }
    }
}

impl From<HighPort> for u16 {
    fn from(port: HighPort) -> Self {
        port.0
    }
}

pub(crate) fn rows() -> Vec<Row> {
    let mut rows = numbers();
    rows.extend(texts());
    rows.extend(times());
    rows
}

fn numbers() -> Vec<Row> {
    vec![
        row::<bool>("bool")
            .takes([json!(false)])
            .refuses([json!("true"), json!(0)]),
        row::<i8>("i8")
            .takes([json!(-128), json!(127)])
            .refuses([json!(128), json!(-129)]),
        row::<i16>("i16").takes([json!(-32768)]).refuses([json!(32768)]),
        row::<i32>("i32")
            .takes([json!(i32::MAX), json!(i32::MIN)])
            .refuses([json!(i64::from(i32::MAX) + 1)]),
        row::<i64>("i64")
            .takes([json!(i64::MAX), json!(i64::MIN)])
            .refuses([json!(u64::MAX), json!(1e30)]),
        row::<i128>("i128").takes([json!(i64::MAX), json!(-1)]),
        row::<isize>("isize").takes([json!(-1)]),
        row::<u8>("u8").takes([json!(255)]).refuses([json!(256)]),
        row::<u16>("u16").takes([json!(65535)]).refuses([json!(65536)]),
        row::<u32>("u32")
            .takes([json!(u32::MAX)])
            .refuses([json!(u64::from(u32::MAX) + 1)]),
        row::<u64>("u64").takes([json!(i64::MAX)]),
        row::<u128>("u128").takes([json!(i64::MAX)]),
        row::<usize>("usize").takes([json!(0)]),
        row::<NonZeroU8>("NonZeroU8")
            .takes([json!(1)])
            .refuses([json!(0), json!(256)]),
        row::<NonZeroU16>("NonZeroU16")
            .takes([json!(1)])
            .refuses([json!(0)]),
        row::<NonZeroU32>("NonZeroU32")
            .takes([json!(1)])
            .refuses([json!(0)]),
        row::<NonZeroU64>("NonZeroU64")
            .takes([json!(1)])
            .refuses([json!(0)]),
        row::<NonZeroUsize>("NonZeroUsize")
            .takes([json!(1)])
            .refuses([json!(0)]),
        row::<NonZeroI8>("NonZeroI8")
            .takes([json!(-1)])
            .refuses([json!(0), json!(128)]),
        row::<NonZeroI32>("NonZeroI32")
            .takes([json!(-1), json!(1)])
            .refuses([json!(0)]),
        row::<NonZeroI64>("NonZeroI64")
            .takes([json!(-1)])
            .refuses([json!(0)]),
        row::<f32>("f32").takes([json!(0.5), json!(3), json!(-1.25e10)]),
        row::<f64>("f64").takes([json!(0.1), json!(1e100)]),
        row::<std::sync::atomic::AtomicU32>("an atomic").takes([json!(1)]),
        row::<std::num::Wrapping<i32>>("wrapping").takes([json!(1)]),
        row::<HighPort>("a checked newtype")
            .takes([json!(8080)])
            .refuses([json!(80), json!(65536)]),
    ]
}

fn texts() -> Vec<Row> {
    vec![
        row::<String>("String").takes([json!(""), json!("äöü"), json!("123")]),
        row::<char>("char")
            .takes([json!("a"), json!("ß"), json!("🦀")])
            .refuses([json!(""), json!("ab")]),
        row::<PathBuf>("PathBuf").takes([json!("/etc")]),
        row::<Uuid>("Uuid")
            .takes([json!("67e55044-10b1-426f-9247-bb680e5fe0c8")])
            .reads([json!("67e5504410b1426f9247bb680e5fe0c8")])
            .refuses([json!("67e55044-10b1"), json!("")]),
        row::<Url>("Url")
            .takes([json!("https://example.com/a?b=c")])
            .refuses([json!("example"), json!("")]),
        row::<IpAddr>("IpAddr")
            .takes([json!("10.0.0.1"), json!("::1")])
            .refuses([json!("10.0.0"), json!("")]),
        row::<Ipv4Addr>("Ipv4Addr")
            .takes([json!("10.0.0.1")])
            .refuses([json!("::1"), json!("10.0.0.256")]),
        row::<Ipv6Addr>("Ipv6Addr")
            .takes([json!("fe80::1")])
            .refuses([json!("10.0.0.1")]),
        row::<SocketAddr>("SocketAddr")
            .takes([json!("10.0.0.1:80")])
            .lets_pass([json!("text")]),
        row::<Networks>("a network")
            .takes([json!({"network": "10.0.0.0/8"})])
            .refuses([json!({"network": "10.0.0.0"}), json!({"network": "10.0.0.0/33"})]),
    ]
}

fn times() -> Vec<Row> {
    vec![
        row::<Timestamp>("jiff::Timestamp")
            .takes([
                json!("2026-01-01T00:00:00Z"),
                json!("2026-01-01T00:00:00.123456Z"),
            ])
            .refuses([json!("2026-01-01"), json!("yesterday")]),
        row::<jiff::civil::Date>("jiff::civil::Date")
            .takes([json!("2026-01-31")])
            .refuses([json!("2026-02-31")]),
        row::<jiff::SignedDuration>("jiff::SignedDuration")
            .takes([json!("PT1H30M")])
            .lets_pass([json!("text")]),
        row::<Duration>("std::time::Duration")
            .takes([json!({"secs": 1, "nanos": 5})])
            .refuses([json!({"secs": 1}), json!({"secs": -1, "nanos": 0}), json!("1s")]),
        row::<SystemTime>("SystemTime").takes([json!({"secs_since_epoch": 1, "nanos_since_epoch": 5})]),
        row::<GoDuration>("GoDuration")
            .takes([json!("1h30m0s"), json!("250ms"), json!("1.5s"), json!("15m")])
            .refuses([json!(""), json!("1"), json!("-1s"), json!("1d")]),
        row::<Probe>("a duration with go_duration")
            .takes([json!({"period": "10s"})])
            .refuses([json!({"period": 10})]),
    ]
}
