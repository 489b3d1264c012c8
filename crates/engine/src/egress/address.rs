//! Which addresses are public: what the IANA special-purpose registries leave
//! over, and no way to write an IPv4 address inside an IPv6 one.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Network and prefix length.
type V4 = ([u8; 4], u32);
type V6 = ([u16; 8], u32);

const V4_NOT_PUBLIC: [V4; 17] = [
    ([0, 0, 0, 0], 8),          // this network
    ([10, 0, 0, 0], 8),         // private
    ([100, 64, 0, 0], 10),      // carrier-grade NAT; some clouds' metadata
    ([127, 0, 0, 0], 8),        // loopback
    ([168, 63, 129, 16], 32),   // a cloud's host agent, on every virtual machine
    ([169, 254, 0, 0], 16),     // link-local; metadata
    ([172, 16, 0, 0], 12),      // private
    ([192, 0, 0, 0], 24),       // protocol assignments; some clouds' metadata
    ([192, 0, 2, 0], 24),       // documentation
    ([192, 88, 99, 0], 24),     // 6to4 relays
    ([192, 168, 0, 0], 16),     // private
    ([198, 18, 0, 0], 15),      // benchmarks
    ([198, 51, 100, 0], 24),    // documentation
    ([203, 0, 113, 0], 24),     // documentation
    ([224, 0, 0, 0], 4),        // multicast
    ([240, 0, 0, 0], 4),        // reserved
    ([255, 255, 255, 255], 32), // broadcast
];

/// Global unicast. Loopback, mapped, compatible, NAT64, unique local,
/// link-local and multicast addresses all lie outside.
const V6_GLOBAL: V6 = ([0x2000, 0, 0, 0, 0, 0, 0, 0], 3);

const V6_NOT_PUBLIC: [V6; 5] = [
    ([0x2001, 0, 0, 0, 0, 0, 0, 0], 23), // protocol assignments; Teredo, ORCHID
    ([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32), // documentation
    ([0x2002, 0, 0, 0, 0, 0, 0, 0], 16), // 6to4: an IPv4 address inside
    ([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20), // documentation
    ([0x3ffe, 0, 0, 0, 0, 0, 0, 0], 16), // the former 6bone
];

/// Whether `address` is one that anybody on the internet could mean.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !V4_NOT_PUBLIC.iter().any(|&network| v4_in(address, network)),
        IpAddr::V6(address) => {
            v6_in(address, V6_GLOBAL)
                && !V6_NOT_PUBLIC.iter().any(|&network| v6_in(address, network))
        }
    }
}

fn v4_in(address: Ipv4Addr, (network, length): V4) -> bool {
    let differing = address.to_bits() ^ Ipv4Addr::from(network).to_bits();
    differing.leading_zeros() >= length
}

fn v6_in(address: Ipv6Addr, (network, length): V6) -> bool {
    let differing = address.to_bits() ^ Ipv6Addr::from(network).to_bits();
    differing.leading_zeros() >= length
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn public(text: &str) -> bool {
        is_public(text.parse().unwrap())
    }

    #[test]
    fn the_edges_of_the_networks_are_where_the_registries_put_them() {
        for (inside, outside) in [
            ("10.255.255.255", "11.0.0.0"),
            ("100.64.0.0", "100.63.255.255"),
            ("100.127.255.255", "100.128.0.0"),
            ("169.254.169.254", "169.253.255.255"),
            ("172.16.0.0", "172.15.255.255"),
            ("172.31.255.255", "172.32.0.0"),
            ("192.168.255.255", "192.169.0.0"),
            ("198.19.255.255", "198.20.0.0"),
            ("224.0.0.0", "223.255.255.255"),
            ("168.63.129.16", "168.63.129.17"),
            ("2002:7f00:1::", "2003::1"),
            ("2001:1ff:ffff::", "2001:200::1"),
            ("2001:db8::1", "2001:db9::1"),
            ("3fff:fff::1", "3fff:1000::1"),
        ] {
            assert!(!public(inside), "{inside}");
            assert!(public(outside), "{outside}");
        }
        for address in [
            "255.255.255.255",
            "0.0.0.0",
            "::",
            "::1",
            "fd00:ec2::254",
            "ff02::1",
        ] {
            assert!(!public(address), "{address}");
        }
        for address in ["1.1.1.1", "93.184.215.14", "2606:4700:4700::1111"] {
            assert!(public(address), "{address}");
        }
    }

    proptest! {
        #[test]
        fn what_the_standard_library_calls_special_is_not_public(bits: u32) {
            let v4 = Ipv4Addr::from_bits(bits);
            if v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_multicast()
                || v4.is_broadcast() || v4.is_documentation() || v4.is_unspecified()
            {
                prop_assert!(!is_public(v4.into()));
            }
        }

        #[test]
        fn no_ipv6_address_smuggles_an_ipv4_one(bits: u32) {
            let v4 = Ipv4Addr::from_bits(bits);
            let [a, b, c, d] = v4.octets();
            let (high, low) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
            for smuggled in [
                v4.to_ipv6_mapped(),
                Ipv6Addr::new(0, 0, 0, 0, 0, 0, high, low),
                Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, high, low),
                Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, high, low),
                Ipv6Addr::new(0x2002, high, low, 0, 0, 0, 0, 1),
                Ipv6Addr::new(0x2001, 0, high, low, 0, 0, !high, !low),
                Ipv6Addr::new(0, 0, 0, 0, 0xffff, 0, high, low),
            ] {
                prop_assert!(!is_public(smuggled.into()), "{smuggled}");
            }
        }

        #[test]
        fn ipv6_outside_global_unicast_is_not_public(bits: u128) {
            let v6 = Ipv6Addr::from_bits(bits);
            if bits >> 125 != 1 || v6.is_multicast() || v6.is_unique_local() || v6.is_unicast_link_local() {
                prop_assert!(!is_public(v6.into()));
            }
        }
    }
}
