"""The national public service portal (Cổng DVCQG), by its «kết nối một cửa» interface."""
