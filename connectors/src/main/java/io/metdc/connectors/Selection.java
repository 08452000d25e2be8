package io.metdc.connectors;

import com.fasterxml.jackson.databind.JsonNode;
import io.metdc.connectors.InstrumentPage.Listing;
import io.metdc.market.Instrument;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/// Holds one row of a list of instruments against the selection rules of its market. The first rule that does not
/// hold is why the row is not collected; a missing field holds no rule, and neither does a value that nobody knows.
final class Selection {
    /// Currencies that are no crypto asset, as bases of spot pairs. As of 2026-11.
    static final Set<String> FIAT = Set.of("EUR", "GBP", "AUD", "BRL", "TRY", "JPY");

    private static final int MAX_SYMBOL = 64;

    private final JsonNode row;
    private String dropped = "";

    Selection(JsonNode row) {
        this.row = row;
    }

    /// The text of a field, "" when it is missing or no text.
    String text(String field) {
        JsonNode value = row.path(field);
        return value.isTextual() ? value.textValue() : "";
    }

    Selection is(String field, String... allowed) {
        return dropIf(
                !List.of(allowed).contains(text(field)),
                field + " " + row.path(field).asText("is missing"));
    }

    Selection isTrue(String field) {
        JsonNode value = row.path(field);
        return dropIf(!value.isBoolean() || !value.booleanValue(), field + " is not true");
    }

    Selection dropIf(boolean condition, String why) {
        if (condition && dropped.isEmpty()) {
            dropped = why;
        }
        return this;
    }

    /// The decision. The instrument is only made when every rule holds.
    Listing listing(String symbol, Supplier<Instrument> instrument) {
        dropIf(
                symbol.isEmpty()
                        || symbol.length() > MAX_SYMBOL
                        || symbol.chars().anyMatch(Character::isISOControl),
                "no usable symbol");
        return dropped.isEmpty() ? new Listing(symbol, instrument.get(), "") : new Listing(symbol, null, dropped);
    }
}
