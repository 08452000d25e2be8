package io.metdc.dashboard;

/// Something that is wrong, by name.
///
/// @param name what: a market, a connection, a part of metdc
/// @param why  in words for a person, one line
public record Remark(String name, String why) {}
