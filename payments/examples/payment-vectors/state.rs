//! Where the payment pallets keep what.

use super::*;

/// An item of the state: its pallet and name, the hashes of both, and what number its key ends with.
struct Item(&'static str, &'static str, &'static str, bool);

/// twox_64 of the number 7, little endian.
const TWOX_64_OF_7: &str = "55e4fd6a40cd7608";

const ITEMS: [Item; 17] = [
	Item(
		"Channels",
		"Channels",
		"7759ccc18de172078306ca5973251a7b7759ccc18de172078306ca5973251a7b",
		true,
	),
	Item(
		"Channels",
		"OpenChannels",
		"7759ccc18de172078306ca5973251a7b425d0eb254669696dab899d785659752",
		true,
	),
	Item(
		"Channels",
		"NextChannelId",
		"7759ccc18de172078306ca5973251a7b2d56750ffbaedbf3dd8dd3900c756381",
		false,
	),
	Item(
		"Channels",
		"Locked",
		"7759ccc18de172078306ca5973251a7b90d5878c778d4abdf2d24736120166b5",
		false,
	),
	Item(
		"Streams",
		"Streams",
		"97f63bb8de9abd344f7b39e74ecf9cc697f63bb8de9abd344f7b39e74ecf9cc6",
		true,
	),
	Item(
		"Streams",
		"OpenStreams",
		"97f63bb8de9abd344f7b39e74ecf9cc60a15fec7fe4a4ce496594245c325ac64",
		true,
	),
	Item(
		"Streams",
		"NextStreamId",
		"97f63bb8de9abd344f7b39e74ecf9cc635a8f8d429db2c61ff1651ca27e898a1",
		false,
	),
	Item(
		"Streams",
		"Locked",
		"97f63bb8de9abd344f7b39e74ecf9cc690d5878c778d4abdf2d24736120166b5",
		false,
	),
	Item(
		"Mandates",
		"Mandates",
		"64fd7a8063eedd0076461cbc4367b00164fd7a8063eedd0076461cbc4367b001",
		true,
	),
	Item(
		"Mandates",
		"Granted",
		"64fd7a8063eedd0076461cbc4367b00161bcf0e6a8e74188c3911d5914494931",
		true,
	),
	Item(
		"Mandates",
		"NextMandateId",
		"64fd7a8063eedd0076461cbc4367b00155ceb961cfc678aabb9144f5ad44d74e",
		false,
	),
	Item(
		"Mandates",
		"Locked",
		"64fd7a8063eedd0076461cbc4367b00190d5878c778d4abdf2d24736120166b5",
		false,
	),
	Item(
		"Orders",
		"Orders",
		"0240febb3818e81c53cd2216cf0d36580240febb3818e81c53cd2216cf0d3658",
		true,
	),
	Item(
		"Orders",
		"OpenOrders",
		"0240febb3818e81c53cd2216cf0d3658c01fa1d557b90662b865776c6f8718e4",
		true,
	),
	Item(
		"Orders",
		"NextOrderId",
		"0240febb3818e81c53cd2216cf0d36583a50df54ed307a59cdf73ff79e40c868",
		false,
	),
	Item(
		"Orders",
		"Locked",
		"0240febb3818e81c53cd2216cf0d365890d5878c778d4abdf2d24736120166b5",
		false,
	),
	Item(
		"Intents",
		"Nonces",
		"ceece0e410124c9d3fa63d217f3728cfc20a534ea128e745456da234cda5e56d",
		true,
	),
];

/// Where the payment pallets keep what: the keys for number 7.
pub fn storage() -> Vec<Value> {
	ITEMS
		.iter()
		.map(|Item(pallet, item, prefix, is_map)| {
			let number = if *is_map { TWOX_64_OF_7 } else { "" };
			let suffix = if *is_map { hex::encode(7u64.to_le_bytes()) } else { String::new() };
			json!({
				"item": format!("{pallet}.{item}"),
				"number": is_map.then_some("7"),
				"key": format!("0x{prefix}{number}{suffix}"),
			})
		})
		.collect()
}
