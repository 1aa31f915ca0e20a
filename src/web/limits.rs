//! How often one address may do what is dear: logging in, trying receipt codes, sending reports.
//! Kept in the memory of this process, so with several instances each has its own.

use std::net::IpAddr;
use std::num::NonZeroU32;

use governor::{DefaultKeyedRateLimiter, Quota};

/// What is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limited {
    /// Logging in: 10 at once, then one every 6 seconds.
    Login,
    /// Opening a receipt by its code: 10 at once, then one every 6 seconds.
    Code,
    /// Reporting, answering, replying: 60 at once, then one a second; many people can share an address.
    Submission,
}

/// The limiters of one server.
pub struct Limits(Option<[DefaultKeyedRateLimiter<IpAddr>; 3]>);

impl Limits {
    /// Limits that are kept.
    pub fn on() -> Limits {
        let quota = |burst: u32, per_minute: u32| {
            let nonzero = |n: u32| NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN);
            DefaultKeyedRateLimiter::keyed(Quota::per_minute(nonzero(per_minute)).allow_burst(nonzero(burst)))
        };
        Limits(Some([quota(10, 10), quota(10, 10), quota(60, 60)]))
    }

    /// No limits at all, for tests and for those who limit in front of the server.
    pub fn off() -> Limits {
        Limits(None)
    }

    /// Whether anything is limited at all.
    pub fn are_on(&self) -> bool {
        self.0.is_some()
    }

    /// Whether this address may do this now; if not, after how many seconds it may.
    pub fn check(&self, what: Limited, address: Option<IpAddr>) -> Result<(), u64> {
        let (Some(limiters), Some(address)) = (&self.0, address) else { return Ok(()) };
        let (limiter, address) = (&limiters[what as usize], of_one(address));
        if limiter.len() > 100_000 {
            limiter.retain_recent();
        }
        limiter.check_key(&address).map_err(|not_until| {
            use governor::clock::Clock;
            not_until.wait_time_from(governor::clock::DefaultClock::default().now()).as_secs() + 1
        })
    }
}

/// What counts as one address: with IPv6 a household or a machine has 2^64 of them.
pub(super) fn of_one(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6((u128::from(v6) >> 64 << 64).into()),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_among_many_of_one_household_is_no_other() {
        let limits = Limits::on();
        let check = |text: &str| limits.check(Limited::Login, text.parse().ok());
        for n in 0..10 {
            assert_eq!(check(&format!("2001:db8:1:2::{n:x}")), Ok(()));
        }
        assert!(check("2001:db8:1:2:ffff::1").is_err());
        assert_eq!(check("2001:db8:1:3::1"), Ok(()));
        for _ in 0..10 {
            assert_eq!(check("::ffff:192.0.2.1"), Ok(()));
        }
        assert!(check("192.0.2.1").is_err());
        assert_eq!(check("192.0.2.2"), Ok(()));
    }
}
