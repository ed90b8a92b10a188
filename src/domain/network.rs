//! Addresses and ranges of them: which proxies are ours, and what counts as one source. Must not know of requests.

use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

/// One address, or a range as `10.0.0.0/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    first: IpAddr,
    bits: u8,
}

/// What was given is no address and no range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoNetwork;

impl FromStr for Network {
    type Err = NoNetwork;

    fn from_str(text: &str) -> Result<Self, NoNetwork> {
        let (address, bits) = text
            .trim()
            .split_once('/')
            .map_or((text.trim(), None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.parse().map_err(|_| NoNetwork)?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(most), |bits| bits.parse().map_err(|_| NoNetwork))?;
        if bits > most {
            return Err(NoNetwork);
        }
        Ok(Self {
            first: masked(address, bits),
            bits,
        })
    }
}

impl Network {
    /// Whether the address lies in it. One of IPv4 that came over IPv6 is taken for what it is.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_ipv4() == self.first.is_ipv4() && masked(address, self.bits) == self.first
    }
}

fn masked(address: IpAddr, bits: u8) -> IpAddr {
    match address {
        IpAddr::V4(v4) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0);
            IpAddr::V4((v4.to_bits() & mask).into())
        }
        IpAddr::V6(v6) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(bits)).unwrap_or(0);
            IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & mask))
        }
    }
}

/// Whether a request comes from whoever runs the service: straight from this machine, or from an address that was set, and
/// through no proxy.
pub fn is_operator(peer: IpAddr, passed_on: bool, allowed: &[Network]) -> bool {
    let peer = peer.to_canonical();
    !passed_on && (peer.is_loopback() || allowed.iter().any(|network| network.contains(peer)))
}

/// What counts as one source: an address, and in IPv6 the /64 that one connection is commonly given whole.
pub fn source(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        v6 @ IpAddr::V6(_) => masked(v6, 64),
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// Where a request came from: the nearest address of the chain that is none of our proxies. `said` is what
/// `X-Forwarded-For` holds, the nearest last; nobody but a proxy of ours is believed.
pub fn caller(peer: IpAddr, said: &str, proxies: &[Network]) -> IpAddr {
    let ours = |address: IpAddr| proxies.iter().any(|network| network.contains(address));
    let mut nearest = peer.to_canonical();
    for hop in said.rsplit(',') {
        if !ours(nearest) {
            break;
        }
        match address(hop) {
            Some(address) => nearest = address,
            None => break,
        }
    }
    nearest
}

/// An address as proxies write it: bare, with a port, in brackets.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = || text.trim_matches(['[', ']']).parse().ok();
    let with_port = || text.parse::<std::net::SocketAddr>().ok().map(|a| a.ip());
    bare().or_else(with_port).map(|a: IpAddr| a.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_range_holds_its_addresses_and_no_other() {
        let table = [
            ("10.0.0.0/8", "10.255.1.2", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("10.0.0.7", "10.0.0.7", true),
            ("10.0.0.7", "10.0.0.8", false),
            ("10.0.0.0/8", "::ffff:10.1.1.1", true),
            ("0.0.0.0/0", "203.0.113.9", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("2001:db8::/32", "2001:db8:1::1", true),
            ("2001:db8::/32", "2001:db9::1", false),
            ("::/0", "2001:db9::1", true),
        ];
        for (network, address, holds) in table {
            let network: Network = network.parse().unwrap();
            assert_eq!(
                network.contains(ip(address)),
                holds,
                "{network:?} {address}"
            );
        }
        for wrong in [
            "",
            "x",
            "10.0.0.0/33",
            "10.0.0/8",
            "10.0.0.0/-1",
            "10.0.0.0/8/8",
            "::1/129",
        ] {
            assert_eq!(wrong.parse::<Network>(), Err(NoNetwork), "{wrong:?}");
        }
    }

    #[test]
    fn nobody_but_a_proxy_of_ours_says_who_calls() {
        let proxies: Vec<Network> = ["10.0.0.0/8", "192.0.2.1"]
            .map(|n| n.parse().unwrap())
            .into();
        let table = [
            ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
            ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
            ("10.0.0.1", "6.6.6.6, 198.51.100.1", "198.51.100.1"),
            (
                "10.0.0.1",
                "6.6.6.6, 198.51.100.1, 192.0.2.1",
                "198.51.100.1",
            ),
            ("10.0.0.1", "", "10.0.0.1"),
            ("10.0.0.1", "unknown", "10.0.0.1"),
            ("10.0.0.1", "198.51.100.1:4711", "198.51.100.1"),
            ("10.0.0.1", "[2001:db8::5]:4711", "2001:db8::5"),
            ("10.0.0.1", "10.0.0.2", "10.0.0.2"),
        ];
        for (peer, said, wanted) in table {
            assert_eq!(
                caller(ip(peer), said, &proxies),
                ip(wanted),
                "{peer} {said}"
            );
        }
        assert_eq!(caller(ip("10.0.0.1"), "198.51.100.1", &[]), ip("10.0.0.1"));
    }

    #[test]
    fn whoever_runs_the_service_comes_from_here_or_from_where_it_was_set_and_through_no_proxy() {
        let allowed = ["10.0.0.7".parse().unwrap()];
        let table = [
            ("127.0.0.1", false, true),
            ("::1", false, true),
            ("::ffff:127.0.0.1", false, true),
            ("127.0.0.1", true, false),
            ("10.0.0.7", false, true),
            ("10.0.0.7", true, false),
            ("10.0.0.8", false, false),
        ];
        for (peer, passed_on, wanted) in table {
            assert_eq!(
                is_operator(ip(peer), passed_on, &allowed),
                wanted,
                "{peer} {passed_on}"
            );
        }
    }

    #[test]
    fn a_whole_ipv6_connection_is_one_source() {
        assert_eq!(source(ip("2001:db8::1")), source(ip("2001:db8::ffff:1")));
        assert_ne!(source(ip("2001:db8::1")), source(ip("2001:db8:0:1::1")));
        assert_ne!(source(ip("192.0.2.1")), source(ip("192.0.2.2")));
        assert_eq!(source(ip("::ffff:192.0.2.1")), ip("192.0.2.1"));
    }
}
