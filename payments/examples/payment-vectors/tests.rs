//! The file in the repository is what the code makes, and can be read back by another implementation.

use super::*;
use codec::DecodeAll;
use dam_payments::Curves;
use dam_primitives::{crypto::VerifySignature, voucher::VoucherBatch, PublicKey};

pub const FILE: &str =
	include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/vectors/payments.json"));
pub const PROTOCOL: &str =
	include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/PAYMENTS.md"));

pub fn file() -> Value {
	serde_json::from_str(FILE).unwrap()
}

pub fn bytes(value: &Value) -> Vec<u8> {
	hex::decode(value.as_str().unwrap().strip_prefix("0x").unwrap()).unwrap()
}

pub fn number<T: std::str::FromStr>(value: &Value) -> T
where
	T::Err: std::fmt::Debug,
{
	value.as_str().unwrap().parse().unwrap()
}

fn public(file: &Value, scheme: &Value) -> PublicKey {
	let keys = file["keys"].as_array().unwrap();
	let key = keys.iter().find(|key| key["scheme"] == *scheme).unwrap();
	let public = PublicKey::decode_all(&mut &bytes(&key["encoded"])[..]).unwrap();
	assert_eq!(public.as_bytes(), bytes(&key["public"]));
	public
}

#[test]
fn file_should_be_what_the_code_makes() {
	assert_eq!(FILE, text(), "run the example again and read what has changed");
}

#[test]
fn payloads_should_be_put_together_as_the_protocol_says() {
	let file = file();
	let genesis = bytes(&file["genesisHash"]);
	let vouchers = file["vouchers"].as_array().unwrap();
	assert_eq!(vouchers.len(), 9);
	for voucher in vouchers {
		let payload = [
			&bytes(&file["constants"]["voucherDomain"])[..],
			&genesis,
			&number::<u64>(&voucher["channel"]).to_le_bytes(),
			&number::<u128>(&voucher["amount"]).to_le_bytes(),
		]
		.concat();
		assert_eq!(payload, bytes(&voucher["payload"]));
		assert_eq!(payload.len(), 72);
		let signature = Signature::decode_all(&mut &bytes(&voucher["signature"])[..]).unwrap();
		let public = public(&file, &voucher["scheme"]);
		assert!(Curves.verify(&public, &payload, &signature));
		let encoded = bytes(&voucher["encoded"]);
		let decoded = SignedVoucher::decode_all(&mut &encoded[..]).unwrap();
		assert_eq!(decoded.signature, signature);
		assert_eq!([&[0][..], &encoded].concat(), bytes(&voucher["payment"]));
		if let Some(digest) = voucher.get("digest") {
			assert_eq!(SoftwareBlake2::hash(&payload)[..], bytes(digest));
		}
	}
}

#[test]
fn close_agreements_should_be_put_together_as_the_protocol_says() {
	let file = file();
	for agreement in file["closeAgreements"].as_array().unwrap() {
		let payload = [
			&bytes(&file["constants"]["closeDomain"])[..],
			&bytes(&file["genesisHash"]),
			&number::<u64>(&agreement["channel"]).to_le_bytes(),
			&number::<u128>(&agreement["settled"]).to_le_bytes(),
		]
		.concat();
		assert_eq!(payload, bytes(&agreement["payload"]));
		let signature = Signature::decode_all(&mut &bytes(&agreement["signature"])[..]);
		let public = public(&file, &agreement["scheme"]);
		assert!(Curves.verify(&public, &payload, &signature.unwrap()));
	}
}

/// By the definition: the highest nonce decides which are too old and too far.
#[test]
fn nonces_should_be_used_as_the_protocol_says() {
	let mut used = std::collections::BTreeSet::new();
	let mut seen = std::collections::BTreeSet::new();
	for step in file()["nonceWindow"].as_array().unwrap() {
		let nonce: u64 = number(&step["nonce"]);
		let last = used.last().copied().unwrap_or(0).max(255);
		let expected = if nonce + 256 <= last {
			Value::from("nonce-too-old")
		} else if nonce > last + (1 << 32) {
			"nonce-too-far".into()
		} else if used.insert(nonce) {
			Value::Null
		} else {
			"nonce-used".into()
		};
		assert_eq!(step["failure"], expected, "{nonce}");
		seen.insert(expected.to_string());
		let base = used.last().copied().unwrap_or(0).max(255) - 255;
		let bits = (0..256).filter(|place| used.contains(&(base + place)));
		let mut window = base.to_le_bytes().to_vec();
		window.resize(40, 0);
		bits.for_each(|place| window[8 + place as usize / 8] |= 1 << (place % 8));
		assert_eq!(bytes(&step["window"]), window, "{nonce}");
	}
	assert_eq!(seen.len(), 4, "{seen:?}");
}

#[test]
fn intents_should_be_put_together_as_the_protocol_says() {
	let file = file();
	let intents = file["intents"].as_array().unwrap();
	assert_eq!(intents.len(), 3);
	for intent in intents {
		let mut body = number::<u64>(&intent["payer"]).to_le_bytes().to_vec();
		match intent["payee"].get("machine") {
			Some(machine) => {
				body.push(0);
				codec::Compact(number::<u64>(machine)).encode_to(&mut body);
			},
			None => {
				body.push(1);
				body.extend(bytes(&intent["payee"]["account"]));
			},
		}
		body.extend(number::<u128>(&intent["amount"]).to_le_bytes());
		body.extend(number::<u128>(&intent["relayFee"]).to_le_bytes());
		for block in ["validFrom", "validUntil"] {
			body.extend((intent[block].as_u64().unwrap() as u32).to_le_bytes());
		}
		body.extend(number::<u64>(&intent["nonce"]).to_le_bytes());
		let domain = bytes(&file["constants"]["intentDomain"]);
		let payload = [&domain[..], &bytes(&file["genesisHash"]), &body].concat();
		assert_eq!(payload, bytes(&intent["payload"]));
		let encoded = [&body[..], &bytes(&intent["signature"])].concat();
		assert_eq!(encoded, bytes(&intent["encoded"]));
		let signed = SignedIntent::decode_all(&mut &encoded[..]).unwrap();
		let public = public(&file, &intent["scheme"]);
		assert!(Curves.verify(&public, &payload, &signed.signature));
	}
}

#[test]
fn links_should_hash_down_to_each_other() {
	let file = file();
	let chain = &file["hashChain"];
	let domain = bytes(&file["constants"]["paywordDomain"]);
	let mut link = bytes(&chain["seed"]);
	let mut links = vec![link.clone()];
	for _ in 0..chain["length"].as_u64().unwrap() {
		link = SoftwareBlake2::hash(&[&domain[..], &link].concat()).to_vec();
		links.push(link.clone());
	}
	links.reverse();
	for listed in chain["links"].as_array().unwrap() {
		assert_eq!(bytes(&listed["link"]), links[listed["index"].as_u64().unwrap() as usize]);
	}
	for revealed in chain["revealed"].as_array().unwrap() {
		let decoded = RevealedLink::decode_all(&mut &bytes(&revealed["encoded"])[..]).unwrap();
		assert_eq!(decoded.link[..], links[decoded.index as usize]);
	}
}

#[test]
fn undecodable_bytes_should_not_decode() {
	for vector in file()["undecodable"].as_array().unwrap() {
		let bytes = bytes(&vector["bytes"]);
		let decodes = match vector["as"].as_str().unwrap() {
			"payment" => ChannelPayment::decode_all(&mut &bytes[..]).is_ok(),
			_ => VoucherBatch::decode_all(&mut &bytes[..]).is_ok(),
		};
		assert!(!decodes, "{vector}");
	}
}

#[test]
fn acceptance_should_be_as_the_protocol_says() {
	let mut seen = std::collections::BTreeSet::new();
	for case in file()["acceptance"].as_array().unwrap() {
		let encoded = bytes(&case["state"]["encoded"]);
		let channel = Channel::<[u8; 32]>::decode_all(&mut &encoded[..]).unwrap();
		let mut accepted = channel.settled;
		for step in case["steps"].as_array().unwrap() {
			let answer = Answer::decode_all(&mut &bytes(&step["answer"])[..]).unwrap();
			let name = answer
				.refusal
				.map(|refusal| REFUSALS.iter().find(|(_, known)| *known == refusal).unwrap().0);
			assert_eq!(step["refusal"], json!(name), "{step}");
			seen.insert(name);
			match name {
				None => assert!(answer.accepted > accepted, "{step}"),
				Some("unknown-channel") => continue,
				Some(_) => assert_eq!(answer.accepted, accepted, "{step}"),
			}
			accepted = answer.accepted;
		}
	}
	// All but what needs another state of the payee: finished, and an account that is closed.
	assert_eq!(seen.len(), REFUSALS.len() - 2 + 1, "{seen:?}");
}

#[test]
fn examples_of_the_protocol_should_be_vectors() {
	let examples: Vec<_> = PROTOCOL
		.split("<!-- vector: ")
		.skip(1)
		.map(|rest| {
			let (pointer, rest) = rest.split_once(" -->").expect("the mark is closed");
			let (_, rest) = rest.split_once("```\n").expect("bytes follow");
			let (text, _) = rest.split_once("```").expect("the block is closed");
			// Spaces, line ends and what stands after a `#` are for the reader.
			let digits = text.lines().filter_map(|line| line.split('#').next());
			let digits: String = digits.flat_map(str::split_whitespace).collect();
			(pointer, format!("0x{digits}"))
		})
		.collect();
	assert!(examples.len() >= 4, "the marks were not found");
	let file = file();
	for (pointer, text) in examples {
		let value = file.pointer(pointer).unwrap_or_else(|| panic!("there is no {pointer}"));
		assert_eq!(value, &Value::from(text), "{pointer}");
	}
}
