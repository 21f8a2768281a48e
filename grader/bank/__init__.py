"""What is asked: questions, rubrics, and the documents that hold them."""
