//! Where a server listens, as Go's programs spell it.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use tokio::net::TcpListener;

use crate::{Error, Result};

/// Where a server listens: `:8443` on every address, `127.0.0.1:8080` on one, `0` not at all.
///
/// Port 0 lets the system choose; [`Handle::bound`](super::Handle::bound) tells which.
///
/// ```
/// use krate::serve::Address;
///
/// let address: Address = ":8443".parse()?;
/// assert_eq!(address.to_string(), ":8443");
/// assert!("0".parse::<Address>()?.is_off());
/// assert!("8443".parse::<Address>().is_err());
/// # Ok::<(), krate::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address(Place);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Off,
    Everywhere(u16),
    Host(String, u16),
}

impl Address {
    /// The address of a server that does not run; spelled `0`.
    pub const OFF: Self = Self(Place::Off);

    /// Returns every address of the machine, IPv6 and IPv4.
    #[must_use]
    pub const fn everywhere(port: u16) -> Self {
        Self(Place::Everywhere(port))
    }

    /// Returns an address that only this machine reaches.
    #[must_use]
    pub fn loopback(port: u16) -> Self {
        Self(Place::Host(Ipv4Addr::LOCALHOST.to_string(), port))
    }

    /// Returns true if there is to be no server.
    #[must_use]
    pub fn is_off(&self) -> bool {
        self.0 == Place::Off
    }

    /// Listens; `None` if the address says not to.
    pub(super) async fn listen(&self) -> Result<Option<TcpListener>> {
        let listener = match &self.0 {
            Place::Off => return Ok(None),
            Place::Everywhere(port) => listen_everywhere(*port).await,
            Place::Host(host, port) => TcpListener::bind((host.as_str(), *port)).await,
        };
        let failed = |error| Error::from(error).context(format!("listen on `{self}`"));
        listener.map(Some).map_err(failed)
    }
}

/// An IPv6 socket takes IPv4 too, but not every machine has IPv6.
async fn listen_everywhere(port: u16) -> std::io::Result<TcpListener> {
    let both = SocketAddr::from((Ipv6Addr::UNSPECIFIED, port));
    match TcpListener::bind(both).await {
        // Another port is not what was asked for: only a machine without IPv6 gets the other socket.
        Err(error) if error.kind() != std::io::ErrorKind::AddrInUse => {
            TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).await
        }
        listener => listener,
    }
}

impl FromStr for Address {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if text == "0" {
            return Ok(Self::OFF);
        }
        let wrong = || {
            Error::new(format!(
                "`{text}` is no address to listen on\nhelp: write `:8443`, `127.0.0.1:8443`, or `0` for none"
            ))
        };
        let (host, port) = text.rsplit_once(':').ok_or_else(wrong)?;
        let port: u16 = port.parse().map_err(|_| wrong())?;
        let bare = match host.strip_prefix('[') {
            Some(rest) => rest.strip_suffix(']').ok_or_else(wrong)?,
            // Which colon ends the host cannot be told.
            None if host.contains(':') => return Err(wrong()),
            None => host,
        };
        Ok(Self(match bare {
            "" => Place::Everywhere(port),
            host => Place::Host(host.to_owned(), port),
        }))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Place::Off => f.write_str("0"),
            Place::Everywhere(port) => write!(f, ":{port}"),
            Place::Host(host, port) if host.contains(':') => write!(f, "[{host}]:{port}"),
            Place::Host(host, port) => write!(f, "{host}:{port}"),
        }
    }
}

impl From<SocketAddr> for Address {
    fn from(address: SocketAddr) -> Self {
        Self(Place::Host(address.ip().to_string(), address.port()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_spelled_as_in_go() {
        let check = |text: &str, expected: Place| {
            let address: Address = text.parse().unwrap();
            assert_eq!(address.0, expected, "{text}");
            assert_eq!(address.to_string(), text);
        };
        check("0", Place::Off);
        check(":0", Place::Everywhere(0));
        check(":8443", Place::Everywhere(8443));
        check("127.0.0.1:0", Place::Host("127.0.0.1".into(), 0));
        check("[::1]:9443", Place::Host("::1".into(), 9443));
        check("localhost:8080", Place::Host("localhost".into(), 8080));
    }

    #[test]
    fn what_is_no_address_is_refused_with_what_to_write() {
        for text in ["", "8443", ":", ":http", ":65536", "::1:80", "[::1:80", "a:-1"] {
            let error = text.parse::<Address>().unwrap_err().to_string();
            assert!(error.contains("help: write `:8443`"), "{text}: {error}");
        }
    }
}
