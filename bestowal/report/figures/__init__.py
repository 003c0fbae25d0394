"""The figures of answers and claims, each as SVG for a wide and for a narrow screen."""
