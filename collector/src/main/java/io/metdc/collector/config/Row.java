package io.metdc.collector.config;

import io.metdc.collector.config.Given.Items;
import io.metdc.market.Exchange;
import io.metdc.symbols.Aliases;
import io.metdc.symbols.DateRange;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One entry of a table that is kept by hand, before its fields are known to fit: `LIT: {name: HEI, until:
/// 2025-02-01}`.
///
/// @param key what the entry is about
record Row(String key, Map<String, Given> fields, ValueOrigin origin) {
    /// What it is called, or what it stands for.
    static final String NAME = "name";

    private static final String SINCE = "since";
    private static final String UNTIL = "until";
    private static final String EXCHANGES = "exchanges";

    Row {
        fields = Map.copyOf(fields);
    }

    /// @throws Refusal when there are other fields than a name, days and exchanges
    void check() {
        fields.forEach((field, given) -> {
            if (!Set.of(NAME, SINCE, UNTIL, EXCHANGES).contains(field)) {
                throw new Refusal(
                        "has '" + field + "', which is none of name, since, until and exchanges", given.origin());
            }
        });
    }

    String name() {
        Given given = fields.get(NAME);
        if (given == null) {
            throw new Refusal("has no name", origin);
        }
        return Section.name(given.text(), given.origin());
    }

    DateRange dates() {
        return new DateRange(date(SINCE), date(UNTIL));
    }

    private @Nullable LocalDate date(String field) {
        Given given = fields.get(field);
        if (given == null) {
            return null;
        }
        try {
            return LocalDate.parse(given.text());
        } catch (DateTimeParseException e) {
            throw new Refusal(
                    "has " + field + " '" + given.text() + "', which is no date such as 2025-02-01", given.origin());
        }
    }

    /// Empty: all of them.
    Set<Exchange> exchanges() {
        Given given = fields.get(EXCHANGES);
        if (given == null) {
            return Set.of();
        }
        if (!(given.value() instanceof Items(List<Given> items)) || items.isEmpty()) {
            throw new Refusal("has exchanges that are no list of names", given.origin());
        }
        try {
            return Aliases.exchanges(items.stream().map(Given::text).toList());
        } catch (IllegalArgumentException e) {
            throw new Refusal("has exchanges of which " + e.getMessage(), given.origin());
        }
    }
}
