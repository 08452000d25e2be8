package io.metdc.listings.recorder;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import javax.sql.DataSource;

/// Writes a listing's trades out of the database: market by market, each in the order of time. Never more than some
/// thousand rows are in memory.
public final class Export {
    /// How it is written.
    public enum Format {
        /// As `trades.csv` of an archive.
        CSV,
        /// An array with an object a line.
        JSON
    }

    private Export() {}

    /// Writes all trades of these venues in these windows; the stream stays open.
    ///
    /// @param windows in any order
    /// @return how many trades there were
    public static long write(
            DataSource source, List<Venue> venues, List<Window> windows, Format format, OutputStream out)
            throws SQLException, IOException {
        try (Connection connection = source.getConnection()) {
            connection.setAutoCommit(false);
            connection.setReadOnly(true);
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            try {
                Tape tape = new Tape(connection);
                List<Window> united = Window.united(windows);
                return switch (format) {
                    case CSV -> csv(tape, venues, united, out);
                    case JSON -> json(tape, venues, united, out);
                };
            } finally {
                connection.rollback();
            }
        }
    }

    static long csv(Tape tape, List<Venue> venues, List<Window> windows, OutputStream out)
            throws SQLException, IOException {
        Writer writer = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
        Rows.csvHeader(writer);
        long rows = 0;
        for (int id : Archive.ids(tape, venues)) {
            rows += tape.read(List.of(id), windows, row -> Rows.csv(writer, row));
        }
        writer.flush();
        return rows;
    }

    private static long json(Tape tape, List<Venue> venues, List<Window> windows, OutputStream out)
            throws SQLException, IOException {
        JsonGenerator json = new JsonFactory().createGenerator(out);
        json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
        json.setPrettyPrinter(new Rows.ObjectALine());
        json.writeStartArray();
        long rows = 0;
        for (int id : Archive.ids(tape, venues)) {
            rows += tape.read(List.of(id), windows, row -> Rows.json(json, row));
        }
        json.writeEndArray();
        json.writeRaw('\n');
        json.flush();
        return rows;
    }
}
