package io.metdc.collector.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.metdc.collector.config.Configuration;
import io.metdc.dashboard.Dashboard;
import io.metdc.dashboard.HttpAddress;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `metdc status`.
@Command(
        name = "status",
        description = {
            "Says whether everything is recorded right now.",
            "",
            "Asks the metdc that runs with this configuration (http.bind, http.port). Exit code 0 when everything is recorded,"
                    + " 1 when something is not, or nobody answers."
        })
final class StatusCommand implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Duration EVERY = Duration.ofSeconds(2);
    private static final int OK = 200;
    private static final int UNAUTHORIZED = 401;
    private static final String BEGIN_OF_SCREEN = "\033[H";
    private static final String REST_OF_LINE = "\033[K";
    private static final String REST_OF_SCREEN = "\033[J";

    private final Surroundings surroundings;

    @Mixin
    private ConfigurationOptions options = new ConfigurationOptions();

    @Option(names = "--watch", description = "Look again every two seconds, until Ctrl-C.")
    private boolean watch;

    @Option(names = "--json", description = "What the service answers, as it comes.")
    private boolean json;

    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "Where the service is, such as http://127.0.0.1:8080. Default: as configured.")
    private @Nullable URI url;

    StatusCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    /// What came of asking.
    ///
    /// @param body    null when nobody answered
    /// @param trouble why there is none
    private record Asked(@Nullable String body, String trouble) {}

    @Override
    public Integer call() throws Exception {
        Configuration configuration = options.load(surroundings);
        HttpAddress address = configuration.settings().http().address();
        if (url == null && address.port() == 0) {
            throw CommandException.usage(
                    "http.port is 0, so that only the log of the service tells where it is: name it"
                            + " with --url http://…");
        }
        URI at = url == null ? Dashboard.uri(address, "/api/status") : url.resolve("/api/status");
        if (at.getHost() == null || !String.valueOf(at.getScheme()).matches("https?")) {
            throw CommandException.usage("--url takes an address such as http://127.0.0.1:8080");
        }
        try (HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(PATIENCE)
                .build()) {
            return watch ? watch(client, at, address) : once(client, at, address);
        }
    }

    private int once(HttpClient client, URI at, HttpAddress address) throws CommandException, InterruptedException {
        Asked asked = ask(client, at, address);
        if (asked.body() == null) {
            throw CommandException.failed(asked.trouble());
        }
        JsonNode status = read(asked.body());
        PrintStream out = surroundings.terminal().out();
        if (json) {
            out.print(asked.body());
            out.flush();
        } else {
            page(status, at).forEach(out::println);
        }
        return status.path("ready").asBoolean() ? ExitCode.OK : ExitCode.FAILED;
    }

    /// Until somebody ends the process.
    private int watch(HttpClient client, URI at, HttpAddress address) throws InterruptedException, CommandException {
        PrintStream out = surroundings.terminal().out();
        boolean paints = surroundings.terminal().interactive() && !json;
        while (!out.checkError()) {
            Asked asked = ask(client, at, address);
            StringBuilder text = new StringBuilder();
            if (json) {
                text.append(asked.body() == null ? "" : asked.body());
            } else {
                text.append(paints ? BEGIN_OF_SCREEN : "");
                Iterable<String> lines = asked.body() == null
                        ? StatusPage.unreachable(asked.trouble(), isColoured())
                        : page(read(asked.body()), at);
                lines.forEach(line ->
                        text.append(line).append(paints ? REST_OF_LINE : "").append('\n'));
                text.append(paints ? REST_OF_SCREEN : "\n");
            }
            if (json && asked.body() == null) {
                surroundings.terminal().err().println("metdc: " + asked.trouble());
            }
            out.print(text);
            out.flush();
            Thread.sleep(EVERY);
        }
        return ExitCode.OK;
    }

    private boolean isColoured() {
        return surroundings.terminal().interactive();
    }

    private Iterable<String> page(JsonNode status, URI at) {
        Terminal terminal = surroundings.terminal();
        int columns = terminal.columns() == Integer.MAX_VALUE ? StatusPage.USUAL_COLUMNS : terminal.columns();
        return StatusPage.of(status, at.resolve("/").toString(), columns, isColoured());
    }

    private static JsonNode read(String body) throws CommandException {
        try {
            JsonNode status = new ObjectMapper().readTree(body);
            if (status.path("phase").isTextual()) {
                return status;
            }
        } catch (IOException e) {
            throw CommandException.failed("what answers there is no metdc: " + e.getMessage(), e);
        }
        throw CommandException.failed("what answers there is no metdc");
    }

    private static Asked ask(HttpClient client, URI at, HttpAddress address) throws InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(at).timeout(PATIENCE);
        if (address.token() != null) {
            request.header("Authorization", "Bearer " + address.token());
        }
        try {
            HttpResponse<String> answer = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
            return switch (answer.statusCode()) {
                case OK -> new Asked(answer.body(), "");
                case UNAUTHORIZED ->
                    new Asked(
                            null,
                            "the metdc at " + at.resolve("/") + " wants its http.token, and this configuration has "
                                    + (address.token() == null ? "none" : "another one"));
                default ->
                    new Asked(
                            null,
                            "what is at " + at.resolve("/") + " answers " + answer.statusCode() + ": is it metdc?");
            };
        } catch (IOException e) {
            String why = e.getMessage() == null ? "" : " (" + e.getMessage() + ")";
            return new Asked(
                    null,
                    "no metdc answers at " + at.resolve("/") + why
                            + ": it does not run, hangs, or has another http.port");
        }
    }
}
