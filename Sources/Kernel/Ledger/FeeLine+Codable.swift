extension FeeLine.Kind: Codable {}
