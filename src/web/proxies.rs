//! Where a request really comes from. What a proxy says of it (`X-Forwarded-For`, `Forwarded`, …) is
//! believed only if the connection comes from a proxy that was named to us: anybody can send these
//! headers.

use std::net::IpAddr;
use std::str::FromStr;

use actix_web::HttpRequest;
use actix_web::http::header;
use actix_web::web;

use crate::web::app::App;

/// Addresses with the same first bits: `10.0.0.0/8`, `2001:db8::/32`, or one address alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    first: IpAddr,
    bits: u8,
}

impl Network {
    fn holds(&self, address: IpAddr) -> bool {
        let same = |a: u128, b: u128, width: u32| {
            let rest = width - u32::from(self.bits);
            rest >= 128 || a >> rest == b >> rest
        };
        match (self.first, address.to_canonical()) {
            (IpAddr::V4(a), IpAddr::V4(b)) => same(u32::from(a).into(), u32::from(b).into(), 32),
            (IpAddr::V6(a), IpAddr::V6(b)) => same(a.into(), b.into(), 128),
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Network, String> {
        let bad = || format!("{text:?} is neither an address nor a network such as 10.0.0.0/8");
        let (address, bits) = match text.trim().split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text.trim(), None),
        };
        let first = address.parse::<IpAddr>().map_err(|_| bad())?.to_canonical();
        let most = if first.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            Some(bits) => bits.parse::<u8>().ok().filter(|b| *b <= most).ok_or_else(bad)?,
            None => most,
        };
        Ok(Network { first, bits })
    }
}

/// Which headers the proxies set. Only these are read: those of the other kind may have been passed
/// on from whoever sent the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum ProxyHeaders {
    /// `X-Forwarded-For`, `X-Forwarded-Proto`, `X-Forwarded-Host`.
    #[default]
    XForwarded,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

/// The proxies that are believed.
#[derive(Debug, Clone, Default)]
pub struct Proxies {
    named: Vec<Network>,
    headers: ProxyHeaders,
}

/// Where a request comes from, as far as it can be believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The address of whoever sent it.
    pub address: Option<IpAddr>,
    /// It was encrypted on its way to us, or to the first proxy.
    pub https: bool,
    /// The host that was asked for.
    pub host: String,
    /// It came through a proxy that is believed.
    pub proxied: bool,
}

impl Proxies {
    /// Believes these, and these headers of them.
    pub fn new(named: Vec<Network>, headers: ProxyHeaders) -> Proxies {
        Proxies { named, headers }
    }

    /// Whether this address is one of the proxies.
    pub fn are(&self, address: IpAddr) -> bool {
        self.named.iter().any(|network| network.holds(address))
    }

    /// Where the request comes from.
    pub fn origin(&self, request: &HttpRequest) -> Origin {
        let peer = request.peer_addr().map(|a| a.ip().to_canonical());
        let header = |name| request.headers().get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let own_host = request.uri().host().map(|_| {
            let uri = request.uri();
            uri.authority().map_or_else(String::new, |a| a.as_str().to_owned())
        });
        let direct = Origin {
            address: peer,
            https: request.app_config().secure(),
            host: own_host.unwrap_or_else(|| header(header::HOST).to_owned()),
            proxied: false,
        };
        let Some(peer) = peer.filter(|peer| self.are(*peer)) else { return direct };
        let (hops, proto, host) = match self.headers {
            ProxyHeaders::XForwarded => {
                let hops = listed(request, "x-forwarded-for").map(|text| named(&text)).collect::<Vec<_>>();
                let first = |name: &str| listed(request, name).next();
                (hops, first("x-forwarded-proto"), first("x-forwarded-host"))
            }
            ProxyHeaders::Forwarded => {
                let parts: Vec<String> = listed(request, "forwarded").collect();
                let of = |part: &String, name: &str| {
                    part.split(';').filter_map(|pair| pair.split_once('=')).find_map(|(n, value)| {
                        n.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"').to_owned())
                    })
                };
                let hops = parts.iter().filter_map(|p| of(p, "for")).map(|text| named(&text)).collect();
                // What the proxy next to us says of the way to it.
                let last = |name| parts.last().and_then(|part| of(part, name));
                (hops, last("proto"), last("host"))
            }
        };
        Origin {
            address: Some(self.client(peer, &hops)),
            https: proto.map_or(direct.https, |proto| proto.eq_ignore_ascii_case("https")),
            host: host.filter(|host| !host.is_empty()).unwrap_or(direct.host),
            proxied: true,
        }
    }

    /// The last address that is none of ours, going back from us; beyond it everything may be made
    /// up. One that cannot be read ends the way as well.
    fn client(&self, peer: IpAddr, hops: &[Option<IpAddr>]) -> IpAddr {
        let mut client = peer;
        for hop in hops.iter().rev() {
            match hop {
                Some(address) => client = *address,
                None => return client,
            }
            if !self.are(client) {
                return client;
            }
        }
        client
    }
}

/// The elements of a header that may be sent several times, in their order; at most 64.
fn listed<'a>(request: &'a HttpRequest, name: &'a str) -> impl Iterator<Item = String> + 'a {
    let values = request.headers().get_all(name).filter_map(|v| v.to_str().ok());
    // Only the end of a long list was written by somebody near.
    let mut all: Vec<String> = values.flat_map(|v| v.split(',')).map(|v| v.trim().to_owned()).collect();
    let surplus = all.len().saturating_sub(64);
    all.drain(..surplus);
    all.into_iter()
}

/// `192.0.2.1`, `192.0.2.1:1234`, `2001:db8::1`, `[2001:db8::1]:1234`; `unknown` and made-up names are
/// nobody.
fn named(text: &str) -> Option<IpAddr> {
    let text = text.trim().trim_matches('"');
    let plain = text.parse::<IpAddr>().ok();
    let with_port = || text.parse::<std::net::SocketAddr>().ok().map(|a| a.ip());
    let in_brackets = || text.strip_prefix('[')?.strip_suffix(']')?.parse::<IpAddr>().ok();
    plain.or_else(with_port).or_else(in_brackets).map(|a| a.to_canonical())
}

/// Where this request comes from, by the proxies that the server was told of.
pub fn origin(request: &HttpRequest) -> Origin {
    match request.app_data::<web::Data<App>>() {
        Some(app) => app.proxies.origin(request),
        None => Proxies::default().origin(request),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;
    use proptest::prelude::*;

    fn proxies(named: &[&str], headers: ProxyHeaders) -> Proxies {
        Proxies::new(named.iter().map(|n| n.parse().unwrap()).collect(), headers)
    }

    fn asked(peer: &str, headers: &[(&str, &str)]) -> HttpRequest {
        let mut request = TestRequest::default().peer_addr(format!("{peer}:4711").parse().unwrap());
        request = request.insert_header(("host", "inside:8080"));
        for (name, value) in headers {
            request = request.append_header((*name, *value));
        }
        request.to_http_request()
    }

    #[test]
    fn a_network_holds_what_it_says() {
        let holds = |network: &str, address: &str| {
            network.parse::<Network>().unwrap().holds(address.parse().unwrap())
        };
        assert!(holds("10.0.0.0/8", "10.255.0.1") && !holds("10.0.0.0/8", "11.0.0.1"));
        assert!(holds("192.0.2.7", "192.0.2.7") && !holds("192.0.2.7", "192.0.2.8"));
        assert!(holds("0.0.0.0/0", "203.0.113.9") && !holds("0.0.0.0/0", "2001:db8::1"));
        assert!(holds("::/0", "2001:db8::1") && holds("2001:db8::/32", "2001:db8:ffff::1"));
        assert!(holds("10.0.0.0/8", "::ffff:10.1.2.3"));
        for bad in ["", "10.0.0.0/33", "10.0.0/8", "::/129", "example.com", "10.0.0.1/", "/8", "10.0.0.1/-1"]
        {
            assert!(bad.parse::<Network>().is_err(), "{bad}");
        }
    }

    #[test]
    fn strangers_are_not_believed() {
        let believed = proxies(&["10.0.0.0/8"], ProxyHeaders::XForwarded);
        let lies = [
            ("x-forwarded-for", "192.0.2.1"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "evil.example"),
            ("forwarded", "for=192.0.2.1;proto=https;host=evil.example"),
        ];
        let origin = believed.origin(&asked("203.0.113.9", &lies));
        let direct = Origin {
            address: "203.0.113.9".parse().ok(),
            https: false,
            host: "inside:8080".into(),
            proxied: false,
        };
        assert_eq!(origin, direct);
        assert_eq!(Proxies::default().origin(&asked("203.0.113.9", &lies)), direct);
    }

    #[test]
    fn a_proxy_is_believed_about_the_way_to_it_and_no_further() {
        let believed = proxies(&["10.0.0.0/8", "2001:db8::/64"], ProxyHeaders::XForwarded);
        for (said, address) in [
            ("192.0.2.1", "192.0.2.1"),
            ("6.6.6.6, 192.0.2.1", "192.0.2.1"),
            ("6.6.6.6, 192.0.2.1, 10.0.0.9", "192.0.2.1"),
            ("6.6.6.6, [2001:db9::1]:443, 2001:db8::5", "2001:db9::1"),
            ("192.0.2.1:4711", "192.0.2.1"),
            ("10.0.0.4, 10.0.0.5", "10.0.0.4"),
            ("6.6.6.6, unknown, 10.0.0.9", "10.0.0.9"),
            ("nonsense", "10.0.0.1"),
            ("", "10.0.0.1"),
        ] {
            let origin = believed.origin(&asked("10.0.0.1", &[("x-forwarded-for", said)]));
            assert_eq!(origin.address, address.parse().ok(), "{said}");
        }
        let twice = [("x-forwarded-for", "6.6.6.6"), ("x-forwarded-for", "192.0.2.1")];
        assert_eq!(believed.origin(&asked("10.0.0.1", &twice)).address, "192.0.2.1".parse().ok());
        let said = [("x-forwarded-proto", "https"), ("x-forwarded-host", "status.example.com")];
        let origin = believed.origin(&asked("10.0.0.1", &said));
        assert_eq!((origin.https, origin.host.as_str()), (true, "status.example.com"));
    }

    #[test]
    fn only_one_kind_of_header_is_read() {
        let both = [
            ("forwarded", "for=6.6.6.6, for=\"[2001:db9::1]:9\";proto=https;host=\"status.example.com\""),
            ("x-forwarded-for", "192.0.2.1"),
        ];
        let origin = |headers| proxies(&["10.0.0.1"], headers).origin(&asked("10.0.0.1", &both));
        assert_eq!(origin(ProxyHeaders::XForwarded).address, "192.0.2.1".parse().ok());
        let other = origin(ProxyHeaders::Forwarded);
        assert_eq!(other.address, "2001:db9::1".parse().ok());
        assert_eq!((other.https, other.host.as_str()), (true, "status.example.com"));
    }

    proptest! {
        /// Whatever is said, the answer is the peer's own address or one that is said.
        #[test]
        fn nobody_is_made_up(said in "[0-9a-f.:, \\[\\]\"]{0,60}") {
            let believed = proxies(&["10.0.0.0/8"], ProxyHeaders::XForwarded);
            let address = believed.origin(&asked("10.0.0.1", &[("x-forwarded-for", &said)])).address.unwrap();
            prop_assert!(address.to_string() == "10.0.0.1" || said.split(',').any(|s| named(s) == Some(address)));
        }
    }
}
