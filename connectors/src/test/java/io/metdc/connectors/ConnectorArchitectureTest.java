package io.metdc.connectors;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.metdc.market.Exchange;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.Test;

@AnalyzeClasses(packages = "io.metdc.connectors", importOptions = ImportOption.DoNotIncludeTests.class)
class ConnectorArchitectureTest {
    @ArchTest
    static final ArchRule a_connector_describes_and_never_acts = noClasses()
            .that()
            .implement(Connector.class)
            .should()
            .dependOnClassesThat(DescribedPredicate.describe(
                    "act: sockets, files, threads, databases, clocks, logs", ConnectorArchitectureTest::acts));

    @ArchTest
    static final ArchRule a_connector_is_told_the_time =
            noClasses().that().implement(Connector.class).should().callMethod(Instant.class, "now");

    @ArchTest
    static final ArchRule nobody_decides_whom_to_trust_but_the_jdk =
            noClasses().should().beAssignableTo(TrustManager.class);

    @ArchTest
    static final ArchRule the_session_asks_no_exchange_who_it_is = noClasses()
            .that()
            .doNotImplement(Connector.class)
            .should()
            .accessClassesThat()
            .areAssignableTo(Exchange.class);

    private static boolean acts(JavaClass type) {
        String name = type.getName();
        return Stream.of(
                                "java.net.http.",
                                "java.sql.",
                                "java.util.concurrent.",
                                "java.nio.file.",
                                "javax.net.",
                                "org.java_websocket.",
                                "org.slf4j.",
                                "java.time.Clock",
                                "java.time.InstantSource")
                        .anyMatch(name::startsWith)
                || List.of("java.net.Socket", "java.lang.Thread", "java.io.File")
                        .contains(name);
    }

    @Test
    void no_exchange_is_named_beyond_its_own_file() throws IOException {
        Path sources = Path.of("src/main/java/io/metdc/connectors");
        for (Exchange exchange : Exchange.values()) {
            String type = exchange.id().substring(0, 1).toUpperCase(Locale.ROOT)
                    + exchange.id().substring(1);
            Pattern named = Pattern.compile("\\b(" + type + "|" + exchange.name() + ")\\b");
            try (Stream<Path> files = Files.list(sources)) {
                List<Path> naming = files.filter(file -> !List.of(type + ".java", "Connectors.java")
                                .contains(file.getFileName().toString()))
                        .filter(file -> named.matcher(code(file)).find())
                        .toList();
                assertThat(naming).as(exchange.id()).isEmpty();
            }
        }
    }

    /// A file without its comments, which may well give an exchange as an example.
    private static String code(Path file) {
        try {
            return Files.readString(file).replaceAll("(?m)//.*$", "");
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void every_market_has_one_connector_that_says_so() {
        for (Connector connector : Connectors.all()) {
            assertThat(Connectors.of(connector.market())).containsSame(connector);
            assertThat(Connectors.forDecoding(connector.market())).isPresent();
        }
        assertThat(Connectors.all()).extracting(Connector::market).doesNotHaveDuplicates();
        assertThat(Connectors.of(new Market(Exchange.UPBIT, MarketType.FUTURES)))
                .isEmpty();
    }
}
