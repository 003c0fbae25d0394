"""What is not known of parameters: draws that data have left."""
