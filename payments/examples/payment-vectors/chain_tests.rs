//! What happens on the chain: the file hangs together, and the protocol says what is in it. Whether
//! the chain does so too is for a test of the runtime to know.

use super::{tests::*, *};
use codec::DecodeAll;
use std::collections::BTreeSet;

fn list<'a>(file: &'a Value, pointer: &str) -> &'a Vec<Value> {
	file.pointer(pointer).unwrap().as_array().unwrap()
}

fn text(value: &Value) -> &str {
	value.as_str().unwrap()
}

#[test]
fn messages_should_be_their_indices_and_fields() {
	let file = file();
	for message in list(&file, "/calls").iter().chain(list(&file, "/events")) {
		let indices = [&message["pallet"], &message["index"]];
		let mut encoded: Vec<u8> = indices.map(|index| index.as_u64().unwrap() as u8).to_vec();
		for field in message["fields"].as_array().unwrap() {
			encoded.extend(bytes(&field["encoded"]));
		}
		assert_eq!(encoded, bytes(&message["encoded"]), "{}", message["name"]);
	}
}

#[test]
fn lives_should_go_on_from_what_the_step_before_left() {
	let file = file();
	let mut seen = BTreeSet::new();
	for (kind, lives) in file["lives"].as_object().unwrap() {
		for life in lives.as_array().unwrap() {
			let mut before = (0, Value::Null);
			for step in life["steps"].as_array().unwrap() {
				let block = step["block"].as_u64().unwrap();
				assert!(block >= before.0, "{kind}: {step}");
				if step["call"].is_null() || !step["error"].is_null() {
					assert_eq!(step["record"], before.1, "{kind}: {step}");
				}
				seen.insert(step["name"].clone().to_string());
				before = (block, step["record"].clone());
			}
		}
	}
	assert!(seen.len() >= 25, "{seen:?}");
}

/// The formula of the protocol, and not that of the code.
#[test]
fn streams_should_earn_what_the_protocol_says() {
	let mut looked = 0;
	for life in list(&file(), "/lives/streams") {
		for step in life["steps"].as_array().unwrap() {
			let Some(value) = step["value"].as_object() else { continue };
			let record = bytes(&step["record"]);
			Stream::<[u8; 32]>::decode_all(&mut &record[..]).unwrap();
			let of = |name: &str| number::<u128>(&value[name]);
			let since = value["flow"]["since"].as_u64().unwrap();
			let blocks = match text(&value["flow"]["state"]) {
				"running" => step["block"].as_u64().unwrap() - since,
				_ => 0,
			};
			let open = of("deposit") - of("settled");
			let due = open.min(of("carried") + of("rate") * u128::from(blocks));
			assert_eq!(of("due"), due, "{step}");
			if let Some(last) = value["runsOutAt"].as_u64() {
				let blocks = (open - of("carried")).div_ceil(of("rate"));
				assert_eq!(u128::from(last - since), blocks, "{step}");
			}
			looked += 1;
		}
	}
	assert!(looked > 20, "{looked}");
}

/// The rows of the table that follows a mark of the protocol, cell by cell.
fn table(mark: &str) -> Vec<Vec<String>> {
	let (_, rest) = PROTOCOL.split_once(&format!("<!-- {mark} -->\n")).expect(mark);
	let rows = rest.lines().skip_while(|line| !line.starts_with('|')).skip(2);
	rows.take_while(|line| line.starts_with('|'))
		.map(|row| row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect())
		.collect()
}

#[test]
fn protocol_should_number_failures_as_the_code_does() {
	let file = file();
	for kind in ["payment", "claim", "collect", "pull", "intent"] {
		let failures = list(&file, &format!("/failures/{kind}"));
		for failure in failures {
			let item = [&[0xb1, 0x04][..], &bytes(&failure["encoded"])].concat();
			assert_eq!(item, bytes(&failure["item300"]));
		}
		let own: Vec<(String, String)> = failures
			.iter()
			.filter(|failure| bytes(&failure["encoded"]).len() == 1)
			.map(|failure| {
				(bytes(&failure["encoded"])[0].to_string(), text(&failure["name"]).into())
			})
			.collect();
		let mut listed: Vec<(String, String)> = table(&format!("failures: {kind}"))
			.into_iter()
			.map(|row| (row[0].clone(), row[1].split(':').next().unwrap().replace(' ', "-")))
			.filter(|(number, _)| !number.contains('*'))
			.collect();
		listed.sort_by_key(|(number, _)| number.parse::<u8>().unwrap());
		assert_eq!(listed, own, "{kind}");
	}
}

#[test]
fn protocol_should_list_every_call_event_and_error() {
	let file = file();
	let pair = |row: &Vec<String>| (row[0].clone(), row[1].split('(').next().unwrap().to_owned());
	for pallet in list(&file, "/errors") {
		let name = text(&pallet["pallet"]);
		for (kind, messages) in [("calls", "/calls"), ("events", "/events")] {
			let known: BTreeSet<(String, String)> = list(&file, messages)
				.iter()
				.filter(|message| message["pallet"] == pallet["index"])
				.map(|message| {
					let (_, short) = text(&message["name"]).split_once('.').unwrap();
					(message["index"].to_string(), format!("`{short}`"))
				})
				.collect();
			// A call that several may make has a row for each; the first has its index.
			let rows = table(&format!("{kind}: {name}"));
			let rows = rows.iter().filter(|row| !row[0].is_empty());
			let listed = rows.map(pair).map(|(index, name)| (index, tick(&name))).collect();
			assert_eq!(known, listed, "{kind} of {name}");
		}
	}
	// One table has the errors of all pallets: a row for each, with its number in each pallet.
	let rows = table("errors");
	for (column, pallet) in (1..).zip(list(&file, "/errors")) {
		let mut listed: Vec<(usize, String)> = rows
			.iter()
			.filter(|row| !row[column].is_empty())
			.map(|row| (row[column].parse().unwrap(), row[0].clone()))
			.collect();
		listed.sort();
		let known: Vec<(usize, String)> = (0..)
			.zip(pallet["errors"].as_array().unwrap())
			.map(|(number, error)| (number, format!("`{}`", text(error))))
			.collect();
		assert_eq!(listed, known, "{}", pallet["pallet"]);
	}
}

/// A name whose closing tick was cut off with its arguments.
fn tick(name: &str) -> String {
	format!("`{}`", name.trim_matches('`'))
}
