package io.metdc.collector;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.metdc.market.Exchange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.HostnameVerifier;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The arrows between the modules, and what no module may do. A module may use those after its arrow and itself.
@AnalyzeClasses(packages = "io.metdc", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule market_uses_nothing = uses("market");

    @ArchTest
    static final ArchRule connectors_use_market = uses("connectors", "market");

    @ArchTest
    static final ArchRule symbols_use_connectors = uses("symbols", "connectors", "market");

    @ArchTest
    static final ArchRule storage_uses_market = uses("storage", "market");

    @ArchTest
    static final ArchRule completeness_uses_connectors_and_storage =
            uses("completeness", "connectors", "storage", "market");

    @ArchTest
    static final ArchRule listings_use_symbols_storage_and_connectors =
            uses("listings", "symbols", "storage", "connectors", "market");

    @ArchTest
    static final ArchRule dashboard_uses_storage_and_listings = // and what those hand out
            uses("dashboard", "storage", "listings", "symbols", "connectors", "market");

    @ArchTest
    static final ArchRule simulator_uses_market = uses("simulator", "market");

    @ArchTest
    static final ArchRule nothing_uses_the_collector = noClasses()
            .that()
            .resideOutsideOfPackage("io.metdc.collector..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.metdc.collector..");

    @ArchTest
    static final ArchRule features_of_the_collector_do_not_use_each_other_in_circles =
            slices().matching("io.metdc.collector.(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule features_of_the_collector_do_not_use_what_wires_them = noClasses()
            .that()
            .resideInAnyPackage("io.metdc.collector.*..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.metdc.collector");

    @ArchTest
    static final ArchRule the_vocabulary_does_no_input_and_output = noClasses()
            .that()
            .resideInAPackage("io.metdc.market..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.io..", "java.net..", "java.nio..", "java.sql..", "org.slf4j..");

    @ArchTest
    static final ArchRule tls_always_verifies = noClasses()
            .should()
            .beAssignableTo(X509TrustManager.class)
            .orShould()
            .beAssignableTo(HostnameVerifier.class)
            .orShould()
            .callMethod(HttpsURLConnection.class, "setHostnameVerifier", HostnameVerifier.class);

    @ArchTest
    static final ArchRule only_the_program_ends_the_program = noClasses()
            .that()
            .resideOutsideOfPackage("io.metdc.collector")
            .should()
            .callMethod(System.class, "exit", int.class)
            .orShould()
            .callMethod(Runtime.class, "halt", int.class);

    @ArchTest
    static final ArchRule results_go_where_the_terminal_says =
            noClasses().should().accessField(System.class, "out");

    @ArchTest
    static final ArchRule every_class_is_in_a_package_that_says_what_it_is_for =
            classes().should().resideInAPackage("io.metdc.(*)..");

    private static ArchRule uses(String module, String... others) {
        List<String> allowed = new ArrayList<>(List.of("io.metdc." + module + ".."));
        for (String other : others) {
            allowed.add("io.metdc." + other + "..");
        }
        String[] packages = allowed.toArray(String[]::new);
        return noClasses()
                .that()
                .resideInAPackage("io.metdc." + module + "..")
                .should()
                .dependOnClassesThat(JavaClass.Predicates.resideInAPackage("io.metdc..")
                        .and(JavaClass.Predicates.resideOutsideOfPackages(packages)))
                .as(module + " uses " + (others.length == 0 ? "nothing" : String.join(", ", others)));
    }

    /// Those whose trades are collected as a matter of course; Upbit is where announcements come from, and named where
    /// those are.
    private static final Set<Exchange> COLLECTED = EnumSet.complementOf(EnumSet.of(Exchange.UPBIT));

    private static final List<String> MAY_NAME_THEM = List.of("connectors", "simulator", "benchmarks");

    @Test
    void no_collected_exchange_is_named_in_main_code_but_in_its_connector_its_simulator_and_its_constant()
            throws IOException {
        Path repository = Path.of(System.getProperty("metdc.home", "..")).toAbsolutePath();
        List<String> named = new ArrayList<>();
        int files = 0;
        for (Path module : modules(repository)) {
            try (Stream<Path> sources = Files.walk(module.resolve("src/main/java"))) {
                for (Path source : sources.filter(file -> file.toString().endsWith(".java"))
                        .toList()) {
                    files++;
                    boolean constants = source.endsWith("io/metdc/market/Exchange.java");
                    if (!constants && namesAnExchange(Files.readString(source))) {
                        named.add(repository.relativize(source).toString());
                    }
                }
            }
        }
        assertThat(files).isGreaterThan(50);
        assertThat(named).isEmpty();
    }

    private static List<Path> modules(Path repository) throws IOException {
        try (Stream<Path> folders = Files.list(repository)) {
            return folders.filter(folder -> Files.isDirectory(folder.resolve("src/main/java")))
                    .filter(folder ->
                            !MAY_NAME_THEM.contains(folder.getFileName().toString()))
                    .toList();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "Exchange.BINANCE,true",
        "new BybitThing(),true",
        "\"okx-spot\",true",
        "case GATE ->,true",
        "\"gate\",true",
        "AggregateThing gate = null;,false",
        "// as Binance does,false",
        "/* okx */ int a;,false",
        "/// okx,false",
        "\"// kucoin\",true",
        "aggregate(),false",
        "Gate.of(),true",
    })
    void the_search_finds_names_in_code_and_passes_over_comments_and_words(String code, boolean found) {
        assertThat(namesAnExchange(code)).isEqualTo(found);
    }

    private static boolean namesAnExchange(String source) {
        String code = withoutComments(source);
        for (Exchange exchange : COLLECTED) {
            String id = exchange.id();
            String capital = id.substring(0, 1).toUpperCase(Locale.ROOT) + id.substring(1);
            // "gate" is also a word, so a short name counts only where it stands alone.
            String pattern = id.length() > 3 && !id.equals("gate")
                    ? "(?i)" + id
                    : "\\b(" + exchange.name() + "|" + capital + ")\\b|\"" + id + "\\b";
            if (Pattern.compile(pattern).matcher(code).find()) {
                return true;
            }
        }
        return false;
    }

    private static String withoutComments(String source) {
        StringBuilder code = new StringBuilder();
        for (int i = 0; i < source.length(); ) {
            int end;
            if (source.startsWith("//", i)) {
                end = source.indexOf('\n', i);
                i = end < 0 ? source.length() : end;
            } else if (source.startsWith("/*", i)) {
                end = source.indexOf("*/", i + 2);
                i = end < 0 ? source.length() : end + 2;
            } else if (source.charAt(i) == '"' && !source.startsWith("\"\"\"", i)) {
                end = i + 1;
                while (end < source.length() && source.charAt(end) != '"' && source.charAt(end) != '\n') {
                    end += source.charAt(end) == '\\' ? 2 : 1;
                }
                end = Math.min(source.length(), end + 1);
                code.append(source, i, end);
                i = end;
            } else {
                code.append(source.charAt(i++));
            }
        }
        return code.toString();
    }
}
