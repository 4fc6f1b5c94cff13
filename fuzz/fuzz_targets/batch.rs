#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dam_payments::fuzz::fuzz_batch(bytes));
