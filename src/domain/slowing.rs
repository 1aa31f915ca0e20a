//! How failed log-ins are slowed without ever locking anybody out: each costs some seconds, what is
//! owed melts away with time, and whoever owes too much waits until it has melted enough. The longest
//! wait is the price of one attempt, however many were made before.

use std::net::IpAddr;

use crate::domain::instant::Instant;
use crate::domain::secret::{self, InstanceKey};

/// A price for attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Price {
    /// What one attempt costs, in seconds.
    pub each: i64,
    /// How many may be owed for at once.
    pub at_once: i64,
}

/// Passwords for one account: five at once, then one every thirty seconds.
pub const ACCOUNT: Price = Price { each: 30, at_once: 5 };
/// Passwords from one address: twenty at once, then one every six seconds; many people can share one.
pub const ADDRESS: Price = Price { each: 6, at_once: 20 };
/// Codes of one account, asked for only after its password: ten at once, then one every five minutes,
/// which is a chance of 1 in 1,000 a day for somebody who has the password.
pub const CODE: Price = Price { each: 300, at_once: 10 };

impl Price {
    /// The moment at which nothing is owed any more after one more attempt at `now`; `clear` is that
    /// moment before it. If the attempt may not be made yet: in how many seconds it may, at least one
    /// and at most the price of one.
    pub fn charge(self, clear: Option<Instant>, now: Instant) -> Result<Instant, u64> {
        let clear = clear.map_or(now, |clear| clear.max(now));
        let latest = self.latest(now);
        if clear > latest {
            let wait = clear.seconds_since(latest) + 1;
            return Err(u64::try_from(wait.clamp(1, self.each)).unwrap_or(1));
        }
        Ok(clear.plus_seconds(self.each))
    }

    /// Whoever owes until after this moment may not try at `now`.
    pub fn latest(self, now: Instant) -> Instant {
        now.plus_seconds(self.each * (self.at_once - 1))
    }
}

/// Under which key an account's debt is kept: a keyed hash, for what is typed into the field of the
/// name may be a password. `device` is the number in the cookie of a browser that this account was
/// logged in with before; it has a debt of its own, so that nobody else's guesses keep it waiting.
pub fn account_key(key: &InstanceKey, name: &str, device: Option<&str>) -> String {
    let name = name.trim().to_lowercase();
    format!("a{}", secret::base32(&key.derive(&["login account", &name, device.unwrap_or("")])[..16]))
}

/// Under which key the debt for codes of this person is kept.
pub fn code_key(key: &InstanceKey, person_id: i64, device: Option<&str>) -> String {
    let id = person_id.to_string();
    format!("c{}", secret::base32(&key.derive(&["login code", &id, device.unwrap_or("")])[..16]))
}

/// Under which key an address's debt is kept: one of 2^20 buckets. Thousands of addresses share each,
/// so that nobody can tell an address from it, and two attackers hardly ever meet. Of an IPv6 address
/// the network counts (its first 64 bits), which is what one customer has.
pub fn address_key(key: &InstanceKey, address: IpAddr) -> String {
    let network = match address {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => v4.to_string(),
            None => format!("{:x?}", &v6.segments()[..4]),
        },
    };
    let hash = key.derive(&["login address", &network]);
    let bucket = (u32::from(hash[0]) << 16 | u32::from(hash[1]) << 8 | u32::from(hash[2])) & 0xF_FFFF;
    format!("b{bucket:05x}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn start() -> Instant {
        Instant::from_seconds(1_800_000_000).unwrap()
    }

    #[test]
    fn five_at_once_and_then_one_every_thirty_seconds() {
        let mut clear = None;
        for _ in 0..5 {
            clear = Some(ACCOUNT.charge(clear, start()).unwrap());
        }
        let wait = ACCOUNT.charge(clear, start()).unwrap_err();
        assert!((1..=30).contains(&wait), "{wait}");
        let later = start().plus_seconds(i64::try_from(wait).unwrap());
        clear = Some(ACCOUNT.charge(clear, later).unwrap());
        assert!(ACCOUNT.charge(clear, later).is_err());
    }

    #[test]
    fn an_address_cannot_be_told_from_its_bucket() {
        let key = InstanceKey::new([7; 32]);
        let bucket = |text: &str| address_key(&key, text.parse().unwrap());
        assert_eq!(bucket("192.0.2.7"), bucket("::ffff:192.0.2.7"));
        assert_eq!(bucket("2001:db8:1:2:3::4"), bucket("2001:db8:1:2:ffff::1"));
        assert_ne!(bucket("2001:db8:1:2::1"), bucket("2001:db8:1:3::1"));
        assert_eq!(bucket("192.0.2.7").len(), 6);
    }

    #[test]
    fn names_are_the_same_however_they_are_typed() {
        let key = InstanceKey::new([7; 32]);
        assert_eq!(account_key(&key, " Li.Wei ", None), account_key(&key, "li.wei", None));
        assert_ne!(account_key(&key, "li.wei", None), account_key(&key, "li.wei", Some("x")));
    }

    proptest! {
        /// However many attempts were made and refused, nobody waits longer than one attempt costs.
        #[test]
        fn no_wait_is_longer_than_the_price(gaps in prop::collection::vec(0i64..40, 0..300)) {
            let (mut now, mut clear) = (start(), None);
            for gap in gaps {
                now = now.plus_seconds(gap);
                match ACCOUNT.charge(clear, now) {
                    Ok(next) => clear = Some(next),
                    Err(wait) => {
                        prop_assert!(wait <= 30);
                        let later = now.plus_seconds(i64::try_from(wait).unwrap());
                        prop_assert!(ACCOUNT.charge(clear, later).is_ok());
                    }
                }
            }
        }
    }
}
