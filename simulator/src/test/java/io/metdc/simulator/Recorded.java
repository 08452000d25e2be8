package io.metdc.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/// What was recorded of an exchange, in the folder that `-Dmetdc.frames` names, and the shapes of what it says.
///
/// @param exchange the name of its folder
record Recorded(String exchange) {
    Path file(String name) {
        return Path.of(Objects.requireNonNull(System.getProperty("metdc.frames")), exchange, name);
    }

    JsonNode json(String name) throws IOException {
        return Client.JSON.readTree(file(name).toFile());
    }

    /// One frame a line; those that are no JSON are left out.
    Stream<JsonNode> lines(String name) throws IOException {
        return Files.readAllLines(file(name)).stream()
                .filter(line -> line.startsWith("{"))
                .map(Client::json);
    }

    Set<String> shapesIn(String... names) throws IOException {
        Set<String> shapes = new LinkedHashSet<>();
        for (String name : names) {
            shapes.addAll(shapes(lines(name)));
        }
        return shapes;
    }

    /// Names, order and types, with one shape for each kind of element of an array.
    static String shape(JsonNode node) {
        return switch (node.getNodeType()) {
            case OBJECT -> {
                List<String> fields = new ArrayList<>();
                node.properties().forEach(field -> fields.add(field.getKey() + ":" + shape(field.getValue())));
                yield "{" + String.join(",", fields) + "}";
            }
            case ARRAY -> {
                Set<String> elements = new TreeSet<>();
                node.forEach(element -> elements.add(shape(element)));
                yield "[" + String.join("|", elements) + "]";
            }
            case NUMBER -> node.isIntegralNumber() ? "integer" : "fraction";
            default -> node.getNodeType().name();
        };
    }

    static Set<String> shapes(Stream<JsonNode> nodes) {
        Set<String> shapes = new LinkedHashSet<>();
        nodes.forEach(node -> shapes.add(shape(node)));
        return shapes;
    }

    /// Keys and types of one level, in no order.
    static Set<String> typed(JsonNode object) {
        Set<String> fields = new TreeSet<>();
        object.properties()
                .forEach(field ->
                        fields.add(field.getKey() + ":" + field.getValue().getNodeType()));
        return fields;
    }

    /// Whether a decimal has zeros at its end that say nothing.
    static boolean isPadded(String decimal) {
        return decimal.contains(".") && decimal.endsWith("0");
    }
}
