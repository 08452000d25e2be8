package io.metdc.collector.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `metdc listing export`.
@Command(
        name = "export",
        description = "The trades of a recorded listing, all markets and windows, by market and time.")
final class ListingExport implements Callable<Integer> {
    private final Surroundings surroundings;

    /// How it is written.
    enum Format {
        CSV,
        JSON
    }

    @Mixin
    private ConfigurationOptions options = new ConfigurationOptions();

    @Parameters(paramLabel = "ID", description = "As metdc listing list has it.")
    private String id = "";

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            defaultValue = "csv",
            description = "csv (RFC 4180) or json (an array of objects). Default: ${DEFAULT-VALUE}.")
    private Format format = Format.CSV;

    @Option(names = "--output", paramLabel = "FILE", description = "Where to; default: standard output.")
    private @Nullable Path output;

    ListingExport(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws Exception {
        Path archives = ListingCommand.archives(options.load(surroundings));
        JsonNode _ = ListingCommand.metadata(archives, id);
        Path trades = archives.resolve(id).resolve("trades.csv.zst");
        try (InputStream in = new ZstdInputStream(new BufferedInputStream(Files.newInputStream(trades)))) {
            if (output == null) {
                write(in, surroundings.terminal().results());
            } else {
                try (OutputStream out = Files.newOutputStream(surroundings.resolve(output))) {
                    write(in, out);
                }
            }
            return ExitCode.OK;
        } catch (IOException e) {
            if (Terminal.isUnwanted(e)) {
                return ExitCode.OK;
            }
            throw CommandException.failed(id + " cannot be exported: " + e.getMessage(), e);
        }
    }

    private void write(InputStream in, OutputStream out) throws IOException {
        OutputStream buffered = new BufferedOutputStream(out, 1 << 16);
        switch (format) {
            case CSV -> in.transferTo(buffered);
            case JSON -> json(in, buffered);
        }
        buffered.flush();
    }

    /// Prices and sizes stay texts, so that no reader rounds them.
    private static void json(InputStream in, OutputStream out) throws IOException {
        CsvSchema header = CsvSchema.emptySchema().withHeader();
        try (MappingIterator<Map<String, String>> rows = new CsvMapper()
                        .readerForMapOf(String.class)
                        .with(header)
                        .readValues(in);
                JsonGenerator json = ListingCommand.JSON.createGenerator(out)) {
            json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
            json.writeStartArray();
            while (rows.hasNext()) {
                json.writeRaw('\n');
                json.writeStartObject();
                for (Map.Entry<String, String> field : rows.next().entrySet()) {
                    json.writeFieldName(field.getKey());
                    write(json, field.getKey(), field.getValue());
                }
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeRaw('\n');
        }
    }

    private static void write(JsonGenerator json, String name, String value) throws IOException {
        switch (name) {
            case "executed_ns" -> json.writeNumber(Integer.parseInt(value));
            case "contracts" -> {
                if (value.isEmpty()) {
                    json.writeNull();
                } else {
                    json.writeString(value);
                }
            }
            case "flags" -> {
                json.writeStartArray();
                for (String flag : value.isEmpty() ? new String[0] : value.split("\\|", -1)) {
                    json.writeString(flag);
                }
                json.writeEndArray();
            }
            default -> json.writeString(value);
        }
    }
}
