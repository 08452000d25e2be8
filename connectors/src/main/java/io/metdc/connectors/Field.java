package io.metdc.connectors;

/// A key that a connector wants of a JSON object, and the place where a [Frame] keeps its value.
///
/// @param index the place within the object's [Shape]
record Field(int index, String name) {}
