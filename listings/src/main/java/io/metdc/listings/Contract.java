package io.metdc.listings;

/// Where a coin lives, by the body of its notice: what tells coins of one name apart. The lists of instruments of the
/// exchanges name no contracts, so a person compares them.
///
/// @param coin    "" where the text does not name one
/// @param network as written: `Ethereum`; "" where it is not said
/// @param address of the contract; "" where there is none
public record Contract(String coin, String network, String address) {}
