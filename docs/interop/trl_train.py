#!/usr/bin/env python3
"""Trains a LoRA adapter with TRL on what `stoa log export --format trl --examples` writes.

Usage: trl_train.py EXAMPLES.jsonl MODEL OUT [--from ADAPTER] [--rank 32] [--learning-rate 4e-4] [--epochs 1] [--batch 16]

MODEL is the folder or hub name of the model in safetensors whose quantised form Stoa ran. Lines with `chosen` are learned
with DPO, others under supervision: by their token ids where they have them, otherwise by the model's chat template. OUT is a
PEFT folder. Needs torch, transformers, peft, datasets and trl.
"""
import argparse
import json
import sys

import datasets
import peft
import torch
import transformers
import trl


def tokens(tokenizer, line):
    """What is given and what is learned, as ids."""
    if line["completion_ids"] is not None:
        return line["prompt_ids"], line["completion_ids"]
    given = tokenizer.apply_chat_template(line["prompt"], add_generation_prompt=True, tokenize=False)
    whole = tokenizer.apply_chat_template(line["prompt"] + line["completion"], tokenize=False)
    assert whole.startswith(given), "the chat template writes a conversation anew for its last message"
    encode = lambda text: tokenizer(text, add_special_tokens=False)["input_ids"]
    # Behind the end of the turn nothing is learned: templates end lines there that no model writes.
    return encode(given), encode(whole[len(given):].rstrip())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("examples")
    parser.add_argument("model")
    parser.add_argument("out")
    parser.add_argument("--from", dest="start")
    parser.add_argument("--rank", type=int, default=32)
    parser.add_argument("--learning-rate", type=float, default=4e-4)
    parser.add_argument("--epochs", type=float, default=1)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--beta", type=float, default=0.1)
    arguments = parser.parse_args()

    with open(arguments.examples, encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    compares = "chosen" in lines[0]
    weighted = sum(line["weight"] not in (0, 1) for line in lines)
    if weighted:
        sys.exit(f"{weighted} examples have weights other than 0 and 1, which TRL's trainers do not take")
    lines = [line for line in lines if line["weight"]]

    tokenizer = transformers.AutoTokenizer.from_pretrained(arguments.model)
    model = transformers.AutoModelForCausalLM.from_pretrained(arguments.model, dtype=torch.float32)
    lora = None
    if arguments.start:
        model = peft.PeftModel.from_pretrained(model, arguments.start, is_trainable=True)
    else:
        lora = peft.LoraConfig(
            r=arguments.rank, lora_alpha=2 * arguments.rank, task_type="CAUSAL_LM",
            target_modules=["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"])
    common = dict(
        output_dir=arguments.out + "-work", learning_rate=arguments.learning_rate, num_train_epochs=arguments.epochs,
        per_device_train_batch_size=arguments.batch, lr_scheduler_type="linear", logging_steps=1, save_strategy="no",
        report_to="none", use_cpu=not torch.cuda.is_available(), bf16=torch.cuda.is_available(), max_length=None)
    if compares:
        rows = [{key: line[key] for key in ("prompt", "chosen", "rejected")} for line in lines]
        trainer = trl.DPOTrainer(
            model, args=trl.DPOConfig(beta=arguments.beta, **common), train_dataset=datasets.Dataset.from_list(rows),
            processing_class=tokenizer, peft_config=lora)
    else:
        pairs = [tokens(tokenizer, line) for line in lines]
        rows = [
            {"input_ids": given + said, "completion_mask": [0] * len(given) + [1] * len(said)} for given, said in pairs]
        trainer = trl.SFTTrainer(
            model, args=trl.SFTConfig(completion_only_loss=True, **common),
            train_dataset=datasets.Dataset.from_list(rows), processing_class=tokenizer, peft_config=lora)
    trainer.train()
    trainer.save_model(arguments.out)
    losses = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
    print(json.dumps({"examples": len(lines), "steps": len(losses), "first_loss": losses[0], "loss": losses[-1]}))


if __name__ == "__main__":
    main()
