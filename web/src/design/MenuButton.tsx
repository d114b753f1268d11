import type { ReactElement } from 'react';
import { Button } from 'react-aria-components/Button';
import { Menu, MenuItem, MenuTrigger } from 'react-aria-components/Menu';
import { Popover } from 'react-aria-components/Popover';
import { Icon, type IconName } from './Icon';

export interface Action {
  id: string;
  label: string;
  icon?: IconName;
  danger?: boolean;
  isDisabled?: boolean;
  run(): void;
}

export interface MenuButtonProps {
  label: string;
  actions: readonly Action[];
  /** The label is only spoken. */
  iconOnly?: boolean;
  icon?: IconName;
}

/** Actions that are not needed often, behind one button. */
export function MenuButton({ label, actions, iconOnly, icon = 'more' }: MenuButtonProps): ReactElement {
  return (
    <MenuTrigger>
      <Button className="button" data-kind={iconOnly ? 'quiet' : 'secondary'} data-icon-only={iconOnly || undefined}>
        <Icon name={icon} size={20} />
        <span className={iconOnly ? 'hidden-text' : undefined}>{label}</span>
      </Button>
      <Popover className="popover" placement="bottom end">
        <Menu className="options" aria-label={label} onAction={(key) => actions.find(({ id }) => id === key)?.run()}>
          {actions.map((action) => (
            <MenuItem
              key={action.id}
              id={action.id}
              textValue={action.label}
              className="option"
              isDisabled={action.isDisabled ?? false}
              {...(action.danger && { 'data-danger': '' })}
            >
              {action.icon && <Icon name={action.icon} size={18} />}
              {action.label}
            </MenuItem>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
