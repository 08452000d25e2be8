package io.metdc.connectors;

/// Something that a connector relies on and that may change, or that nobody could verify so far: `metdc probe` looks.
///
/// @param what  in words for a person, as a statement that holds today
/// @param proof by what it shows itself
public record Assumption(String what, Proof proof) {
    /// What a first contact with an exchange can tell.
    public enum Proof {
        /// The list of instruments can be read, and some of them are collected.
        LISTED,
        /// A connection comes about, and what is subscribed is acknowledged.
        ACKNOWLEDGED,
        /// Trades arrive.
        DELIVERED,
        /// Every frame and every row can be read.
        READABLE,
        /// Times come in the unit that the market uses, and near our clock.
        TIME,
        /// The numbers of an instrument's trades leave none out.
        CONTIGUOUS,
        /// The same trade by stream and by REST has the same id, time, price, size and side.
        SAME_BY_REST,
        /// Trades of the past come on subscribing.
        SNAPSHOT,
        /// Nothing that a minute's look can show.
        BY_HAND
    }
}
